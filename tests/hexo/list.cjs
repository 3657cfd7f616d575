// Prints what Hexo knows of each post of the site given: a line of JSON each.
const Hexo = require("hexo");

(async () => {
  const hexo = new Hexo(process.argv[2], { silent: true });
  await hexo.init();
  await hexo.load();
  hexo.locals.get("posts").forEach(({ source, permalink, date, title, excerpt, content }) =>
    console.log(JSON.stringify({ source, permalink, date: date.toISOString(), title, excerpt, content })));
  await hexo.exit();
})();
