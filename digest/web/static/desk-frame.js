/* The review desk: the frame that shows the mail, at a reader's width and in a reader's colours. */
(() => {
  "use strict";
  const { $, $$, root } = desk;
  const stage = $("#stage");
  if (!stage) return;
  const state = { width: 375, scheme: "light", bare: false };
  const narrow = matchMedia("(max-width: 760px)");
  const shown = () => $(`#stage > .view:not([hidden]) .device`);

  const fit = () => {
    const room = stage.clientWidth - 32;
    const width = narrow.matches ? stage.clientWidth : state.width;
    const zoom = narrow.matches ? 1 : Math.min(1, Math.floor(1000 * (room - 2) / width) / 1000);
    stage.style.setProperty("--w", width);
    stage.style.setProperty("--z", zoom);
    const dims = $("#dims");
    if (dims) dims.textContent = shown() ? desk.word("dims", { width, zoom: Math.round(zoom * 100) }) : "";
    gutter();
  };

  /* A new frame is loaded behind the old one and takes its place when it stands: nothing flashes. */
  const show = (device) => {
    if (!device) return;
    const old = $("iframe", device);
    const wanted = state.bare ? old.dataset.bare : old.dataset.src;
    device.dataset.scheme = state.scheme;
    if (old.getAttribute("src") === wanted) { gutter(); return; }
    if (!old.getAttribute("src")) { watch(old); old.src = wanted; return; }
    for (const late of $$("iframe.next", device)) late.remove();
    const next = old.cloneNode();
    next.classList.add("next");
    watch(next, () => {
      const top = old.contentWindow?.scrollY || 0;
      next.contentWindow?.scrollTo(0, top);
      next.classList.remove("next");
      old.remove();
      gutter();
    });
    next.src = wanted;
    device.append(next);
  };

  const watch = (frame, then) => frame.addEventListener("load", () => {
    let inside = null;
    try { inside = frame.contentDocument; } catch { /* opened from a file: another origin */ }
    if (inside && frame.getAttribute("src")) {
      inside.addEventListener("click", clicked);
      inside.addEventListener("keydown", desk.key);
      frame.contentWindow.addEventListener("scroll", gutter, { passive: true });
    }
    then?.();
    gutter();
  }, { once: true });

  const plainly = (url) => url.split(/[?#]/)[0].replace(/\/+$/, "");
  const stories = () => new Map($$("#chosen > .item > .row").map((row) => [plainly(row.dataset.url), row.dataset.story]));
  const listed = () => new Map($$("#list [data-url]").map((row) => [plainly(row.dataset.url), row.dataset.story]));

  /* The part of the mail that tells one story: the largest element with links of no other. */
  const place = (inside, key) => {
    const known = stories();
    const links = [...inside.querySelectorAll("a[href]")].map((link) => [link, known.get(plainly(link.href))]);
    const mine = links.find(([, of]) => of === key)?.[0];
    if (!mine) return null;
    let box = mine;
    while (box.parentElement && box.parentElement !== inside.body) {
      const parent = box.parentElement;
      if (links.some(([link, of]) => of && of !== key && parent.contains(link))) break;
      box = parent;
    }
    return box;
  };
  const inside = () => {
    const frame = $("#stage > .view[data-for=mail] .device iframe:not(.next)");
    try { return frame?.contentDocument?.body ? frame : null; } catch { return null; }
  };
  let queued = false;
  const gutter = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      const bar = $(".gutter"), frame = inside();
      const box = frame && desk.current === "mail" && !narrow.matches ? place(frame.contentDocument, desk.story) : null;
      if (!bar) return;
      bar.hidden = !box;
      if (!box) return;
      const zoom = Number(stage.style.getPropertyValue("--z")) || 1;
      const { top, bottom } = box.getBoundingClientRect();
      const limit = frame.parentElement.clientHeight;
      const from = Math.max(0, top * zoom), to = Math.min(limit, bottom * zoom);
      bar.hidden = to <= from;
      bar.style.top = `${from}px`;
      bar.style.height = `${Math.max(0, to - from)}px`;
    });
  };
  const reveal = (key) => {
    const frame = inside(), box = frame && place(frame.contentDocument, key);
    if (!box) return;
    const { top, bottom } = box.getBoundingClientRect(), height = frame.contentWindow.innerHeight;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (top < 0 || bottom > height) frame.contentWindow.scrollBy({ top: top - 24, behavior: calm ? "instant" : "smooth" });
  };
  const clicked = (event) => {
    event.preventDefault();
    const link = event.target.closest?.("a[href]");
    const key = link && listed().get(plainly(link.href));
    if (key) { desk.select(key); return; }
    const frame = inside();
    if (!frame || event.view !== frame.contentWindow) return;
    for (const one of stories().values()) {
      if (place(frame.contentDocument, one)?.contains(event.target)) { desk.select(one); return; }
    }
  };

  desk.width = (width) => {
    state.width = width;
    for (const radio of $$("[name=width]")) radio.checked = Number(radio.value) === width;
    fit();
  };
  desk.scheme = (scheme) => {
    state.scheme = scheme;
    for (const radio of $$("[name=scheme]")) radio.checked = radio.value === scheme;
    for (const device of $$(".device")) device.dataset.scheme = scheme;
  };
  desk.bare = (on) => {
    state.bare = on;
    $("#pictures")?.setAttribute("aria-pressed", String(on));
    show(shown());
  };
  /* Shows what the frames' addresses now say: a new revision, or the same without pictures. */
  desk.reframe = () => show(shown());

  Object.assign(desk.single, {
    1: () => desk.width(375), 2: () => desk.width(768), 3: () => desk.width(1024),
    d: () => desk.scheme(state.scheme === "dark" ? "light" : "dark"),
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "width") desk.width(Number(event.target.value));
    if (event.target.name === "scheme") desk.scheme(event.target.value);
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("#pictures")) desk.bare(!state.bare); });
  document.addEventListener("desk:viewed", () => { show(shown()); fit(); });
  document.addEventListener("desk:pane", () => { fit(); });
  document.addEventListener("desk:selected", (event) => { reveal(event.detail.key); gutter(); });
  new ResizeObserver(fit).observe(stage);
  narrow.addEventListener("change", fit);
  fit();
  show(shown());
  root.dataset.ready = "";
})();
