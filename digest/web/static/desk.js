/* The review desk: what is chosen and shown, keys, panes and dialogs.
   A classic script, because the static preview is opened from a file. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = JSON.parse($("#js-words")?.textContent || "{}");
  const live = "live" in root.dataset;

  const desk = {
    $, $$, live, root,
    word: (key, values = {}) => (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? ""),
    get issue() { return root.dataset.issue; },
    get rev() { return root.dataset.rev; },
    get story() { return $("[data-story][aria-current]")?.dataset.story || ""; },
    get current() { return $("#stage [data-for]:not([hidden])")?.dataset.for || "mail"; },
    kept: {
      get(key) { try { return localStorage.getItem(`desk:${key}`); } catch { return null; } },
      set(key, value) { try { localStorage.setItem(`desk:${key}`, value); } catch { /* private window */ } },
      drop(key) { try { localStorage.removeItem(`desk:${key}`); } catch { /* private window */ } },
      keys() { try { return Object.keys(localStorage).filter((k) => k.startsWith("desk:")).map((k) => k.slice(5)); } catch { return []; } },
    },
  };
  window.desk = desk;

  /* Told to a screen reader, and to nobody else. */
  desk.announce = (text) => {
    const line = $("#say");
    if (!line) return;
    line.textContent = "";
    setTimeout(() => { line.textContent = text; }, 30);
  };

  /* A bar across the page for what a person must see; it stays until it is taken back. */
  desk.notice = (text, level = "bad") => {
    const place = $("#notice");
    if (!place) return;
    place.replaceChildren();
    if (!text) return;
    const bar = document.createElement("div");
    bar.className = `notice ${level}`;
    bar.setAttribute("role", "alert");
    bar.append(Object.assign(document.createElement("span"), { textContent: text }));
    place.append(bar);
  };

  /* Where the editor is stands in the address, so that a reload comes back to it. */
  const remember = (name, value, usual) => {
    if (location.protocol === "file:") return;
    const here = new URL(location.href);
    if (value && value !== usual) here.searchParams.set(name, value);
    else here.searchParams.delete(name);
    history.replaceState(null, "", here);
  };

  /* ---- which post */
  const rows = () => $$("#list .row").filter((row) => row.offsetParent !== null);
  desk.rows = rows;
  desk.rove = () => {
    const all = $$("#list .row");
    const one = all.find((row) => row.hasAttribute("aria-current")) || all[0];
    for (const row of all) row.tabIndex = row === one ? 0 : -1;
  };
  desk.mark = (key) => {
    for (const link of $$("[data-story]")) {
      if (link.dataset.story === key) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    desk.rove();
  };
  desk.sheet = (key) => {
    const panel = $("#p-story");
    if (!live) {
      const found = $(`template[data-sheet="${CSS.escape(key)}"]`);
      if (found) panel.replaceChildren(found.content.cloneNode(true));
      panel.scrollTop = 0;
      return Promise.resolve();
    }
    return desk.bring(`story/${key}`, (html) => {
      if (desk.story !== key) return;
      panel.innerHTML = html;
      panel.scrollTop = 0;
    });
  };
  /* An answer about bytes that were changed meanwhile is not shown: it is asked for again. */
  desk.bring = async (what, put) => {
    for (let tries = 0; tries < 4; tries += 1) {
      const { hash } = root.dataset;
      const answer = await fetch(`/i/${encodeURIComponent(desk.issue)}/${what}${what.includes("?") ? "&" : "?"}r=${desk.rev}`).catch(() => null);
      if (!answer?.ok) { desk.notice(desk.word(!answer ? "offline" : answer.status === 403 ? "lost" : "failed")); return; }
      const html = await answer.text();
      if (hash === root.dataset.hash) { put(html); return; }
    }
  };
  desk.select = async (key, { focus = false, pane = "" } = {}) => {
    if (!key) return;
    const again = desk.story === key;
    desk.mark(key);
    const row = $(`#row-${CSS.escape(key)} .row`);
    row?.scrollIntoView({ block: "nearest" });
    if (focus) row?.focus({ preventScroll: true });
    desk.tab("story");
    if (pane) desk.pane(pane);
    remember("s", key);
    if (!again || !$("#sheet-title")) { desk.coming = desk.sheet(key); await desk.coming; }
    document.dispatchEvent(new CustomEvent("desk:selected", { detail: { key, from: focus ? "list" : "" } }));
  };
  desk.step = (by) => {
    const all = rows();
    const at = all.findIndex((row) => row.hasAttribute("aria-current"));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (next) desk.select(next.dataset.story, { focus: true });
  };

  /* ---- tabs: of the middle, of the inspector */
  const pick = (tabs, one) => {
    for (const tab of tabs) {
      const on = tab === one;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
  };
  desk.view = (name) => {
    const tab = $(`#v-${name}`);
    if (!tab || desk.current === name && tab.getAttribute("aria-selected") === "true") return;
    pick($$(".views [role=tab]"), tab);
    for (const view of $$("#stage > .view")) view.hidden = view.dataset.for !== name;
    $("#stage").setAttribute("aria-labelledby", tab.id);
    $("#stage").scrollTop = 0;
    remember("view", name, "mail");
    const framed = name === "mail" || name === "web";
    for (const one of $$(".only-frame")) one.hidden = !framed;
    desk.load(name);
    document.dispatchEvent(new CustomEvent("desk:viewed", { detail: name }));
  };
  desk.load = (name) => {
    const view = $(`#stage > [data-for="${name}"]`);
    if (!live || !view?.dataset.load || view.dataset.of === desk.rev) return;
    view.dataset.of = desk.rev;
    htmx.ajax("GET", `${view.dataset.load}?r=${desk.rev}`, { target: view, swap: "innerHTML" });
  };
  let before = "mail";
  desk.tab = (name) => {
    const tab = $(`#t-${name}`);
    if (!tab || tab.getAttribute("aria-selected") === "true") return;
    pick($$(".tabs [role=tab]"), tab);
    for (const panel of $$(".inspector > .scroll")) panel.hidden = panel.id !== `p-${name}`;
    remember("tab", name, "story");
    if (name === "thread") { before = desk.current === "thread" ? before : desk.current; desk.view("thread"); }
    else if (desk.current === "thread") desk.view(before);
  };
  const roam = (event) => {
    const tabs = $$("[role=tab]", event.currentTarget);
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[event.key];
    const at = tabs.indexOf(document.activeElement);
    if (!by || at < 0) return;
    event.preventDefault();
    const next = Math.abs(by) > 1 ? (by < 0 ? 0 : tabs.length - 1) : (at + by + tabs.length) % tabs.length;
    tabs[next].focus();
    tabs[next].click();
  };

  /* ---- networks, panes, search */
  desk.net = (name) => {
    if (!name) return;
    for (const one of $$(".net-of")) one.hidden = one.dataset.net !== name;
    for (const radio of $$("[name=net]")) radio.checked = radio.value === name;
    remember("net", name);
    document.dispatchEvent(new CustomEvent("desk:net", { detail: name }));
  };
  desk.pane = (name) => {
    root.dataset.pane = name;
    for (const button of $$(".dock [data-go]")) {
      if (button.dataset.go === name) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
    remember("pane", name, "preview");
    document.dispatchEvent(new CustomEvent("desk:pane", { detail: name }));
  };
  desk.search = () => {
    const wanted = ($("#find")?.value || "").trim().toLowerCase();
    let found = 0;
    for (const item of $$("#list .item")) {
      item.hidden = Boolean(wanted) && !item.textContent.toLowerCase().includes(wanted);
      found += item.hidden ? 0 : 1;
    }
    for (const list of $$("#list .rows")) {
      const none = Boolean(wanted) && $$(".item", list).every((item) => item.hidden);
      list.hidden = none;
      if (list.previousElementSibling?.matches(".grp")) list.previousElementSibling.hidden = none;
    }
    if ($("#nothing")) $("#nothing").hidden = found > 0 || !wanted;
    if (wanted) desk.announce(desk.word("found", { n: found }));
  };

  /* ---- dialogs */
  desk.open = async (name) => {
    const own = $(`dialog#${name}`);
    if (own) { if (!own.open) own.showModal(); return; }
    if (!live) return;
    await desk.settled?.();
    const [what, query = ""] = name.split("?");
    const asked = new URLSearchParams(query);
    asked.set("r", desk.rev);
    const answer = await fetch(`/i/${encodeURIComponent(desk.issue)}/dialog/${what}?${asked}`).catch(() => null);
    if (!answer?.ok) { desk.notice(desk.word(answer ? "failed" : "offline")); return; }
    desk.modal(await answer.text());
  };
  desk.modal = (html) => {
    const place = $("#dialogs");
    place.innerHTML = html;
    const made = $("dialog", place);
    made?.showModal();
    if (made?.dataset.again) setTimeout(() => { if (made.open) desk.open(made.dataset.again); }, 700);
  };

  /* ---- keys */
  const typing = (element) => element?.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const single = {
    j: () => desk.step(1), k: () => desk.step(-1),
    g: () => {
      const all = $$(".views [role=tab]").map((tab) => tab.dataset.view);
      desk.view(all[(all.indexOf(desk.current) + 1) % all.length]);
    },
    "/": () => { desk.pane("posts"); $("#find")?.focus(); $("#find")?.select(); },
    "?": () => desk.open("keys"),
    A: () => $("[data-open=approve]:not(:disabled)") && desk.open("approve"),
  };
  desk.single = single;
  const leave = (field) => { // out of a field, to where single keys work
    field.blur();
    rows().find((row) => row.hasAttribute("aria-current"))?.focus({ preventScroll: true });
  };
  const finding = (event) => { // from the search to what it found, or back to where one was
    if (event.isComposing) return;
    if (event.key === "Escape") { event.target.value = ""; desk.search(); leave(event.target); }
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const first = rows()[0];
    if (first) desk.select(first.dataset.story, { focus: true });
  };
  desk.key = (event) => {
    if (event.isComposing || event.defaultPrevented || $("dialog[open]")) return;
    if (desk.chord?.(event)) { event.preventDefault(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.id !== "find") leave(event.target);
      return;
    }
    if (desk.kept.get("keys") === "off") return;
    const what = single[event.key] || (event.shiftKey ? null : single[event.key.toLowerCase()]);
    if (!what) return;
    event.preventDefault();
    what();
  };

  /* From a finding to where it is mended: the post, the tab, the network, the very field. */
  const go = async (link) => {
    const { story, netOf, tabOf, at } = link.dataset;
    link.closest("[popover]")?.hidePopover();
    link.closest("dialog")?.close();
    desk.pane("inspector");
    if (story) await desk.select(story);
    if (netOf) desk.net(netOf);
    desk.tab(tabOf);
    const place = (at && document.getElementById(at)) || $(`#p-${tabOf}`);
    const field = place?.matches("textarea, input, [tabindex]") ? place : $("input:checked, input, textarea, button", place) || place;
    field?.focus();
    place?.scrollIntoView({ block: at ? "center" : "nearest" });
  };

  /* ---- one listener for each kind of event */
  document.addEventListener("keydown", desk.key);
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "find") finding(event);
    if (event.target.matches?.(".row") && (event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) {
      event.preventDefault();
      desk.step(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ((hit = on("[data-tab-of]"))) {
      event.preventDefault();
      go(hit);
    } else if ((hit = on("a[data-story]"))) {
      event.preventDefault();
      desk.select(hit.dataset.story, { focus: Boolean(hit.closest("#list .row")), pane: matchMedia("(max-width: 760px)").matches ? "inspector" : "" });
    } else if ((hit = on("[role=tab][data-view]"))) desk.view(hit.dataset.view);
    else if ((hit = on("[role=tab][data-tab]"))) desk.tab(hit.dataset.tab);
    else if ((hit = on("[data-go]"))) desk.pane(hit.dataset.go);
    else if ((hit = on("[data-open]"))) { if (hit.getAttribute("aria-disabled") !== "true") desk.open(hit.dataset.open); }
    else if ((hit = on("[data-close]"))) hit.closest("dialog").close();
  });
  document.addEventListener("change", (event) => {
    const { name, value, id, checked } = event.target;
    if (name === "net") desk.net(value);
    if (name === "theme") { desk.kept.set("theme", value); desk.theme(); }
    if (id === "keys-on") desk.kept.set("keys", checked ? "on" : "off");
  });
  document.addEventListener("input", (event) => { if (event.target.id === "find") desk.search(); });
  document.addEventListener("close", (event) => { if (event.target.closest?.("#dialogs")) event.target.remove(); }, true);
  document.addEventListener("htmx:sendError", () => desk.notice(desk.word("offline")));
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    desk.notice(status === 403 ? desk.word("lost") : event.detail.xhr.responseText.slice(0, 300) || desk.word("failed"));
  });

  desk.theme = () => {
    const theme = desk.kept.get("theme") || "auto";
    root.dataset.theme = theme;
    for (const radio of $$("[name=theme]")) radio.checked = radio.value === theme;
  };

  /* ---- begin */
  desk.theme();
  if (!/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of $$("kbd")) key.textContent = key.textContent.replace("⌘", "Ctrl").replace("⌥", "Alt ");
  }
  if (!$("#desk")) return;
  if ($("#keys-on")) $("#keys-on").checked = desk.kept.get("keys") !== "off";
  for (const list of $$("[role=tablist]")) list.addEventListener("keydown", roam);
  for (const one of $$(".only-frame")) one.hidden = !["mail", "web"].includes(desk.current);
  desk.pane(root.dataset.pane);
  desk.rove();
  addEventListener("load", () => desk.load(desk.current));
})();
