# Prints what Jekyll knows of each post of the site given: a line of JSON each.
require "jekyll"
require "json"

Jekyll.logger.log_level = :error
options = { "source" => ARGV[0], "destination" => File.join(ARGV[0], "_site"), "plugins" => [],
            "theme" => nil, "disable_disk_cache" => true }
site = Jekyll::Site.new(Jekyll.configuration(options))
site.reset
site.read
site.render
site.posts.docs.each do |post|
  puts JSON.generate(path: post.relative_path, url: post.url, date: post.date.iso8601,
                     title: post.data["title"], content: post.content)
end
