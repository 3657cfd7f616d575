/* The review desk: changing things. The server decides; what is typed is never lost on the way. */
(() => {
  "use strict";
  const { $, $$, root, kept, word } = desk;
  if (!desk.live || !$("#desk")) return;

  /* ---- pieces of the page that an answer brings, put in place without disturbing the writer */
  const typing = (node) => node.matches?.("[data-block], [data-part-of]") && (node === document.activeElement || node.dataset.dirty);
  const shape = {
    morphStyle: "innerHTML",
    callbacks: {
      beforeNodeMorphed(old, now) {
        if (old.nodeType !== 1) return true;
        if (typing(old)) {
          if (!old.dataset.dirty && now.value !== old.value) old.dataset.behind = "1";
          return false;
        }
        if (old.matches(".lazy")) return false;
        if (old.matches(".err") && document.getElementById(`f-${old.id.slice(2)}`)?.dataset.dirty) return false;
        if (old.matches("[data-count]") && document.getElementById(old.dataset.count)?.dataset.dirty) return false;
        if (old.matches("#find, input[type=radio][name=net]")) return false;
        return true;
      },
      beforeAttributeUpdated(name, node) {
        if (name === "open" && node.tagName === "DETAILS") return false;
        return !(name === "hidden" && node.matches(".item, .grp, .rows, #nothing"));
      },
    },
  };
  const apply = (html, saved = "") => {
    const made = new DOMParser().parseFromString(html, "text/html");
    const now = JSON.parse($("#now", made).textContent);
    const story = desk.story;
    Object.assign(root.dataset, { rev: now.rev, hash: now.hash, state: now.state });
    for (const piece of $$("template[data-into]", made)) {
      const place = document.getElementById(piece.dataset.into);
      if (place) Idiomorph.morph(place, piece.innerHTML, shape);
    }
    stay(story, now.story);
    for (const frame of $$(".device[data-frame] iframe:not(.next)")) {
      const web = frame.closest("[data-frame]").dataset.frame === "web";
      frame.dataset.src = web ? now.frames.web : now.frames.mail;
      frame.dataset.bare = web ? now.frames.web_bare : now.frames.bare;
    }
    if (saved) for (const field of fieldsOf(saved)) if (now.bases[saved]) field.dataset.base = now.bases[saved];
    desk.rove();
    desk.search();
    desk.reframe();
    desk.load(desk.current);
    for (const field of $$("[data-part-of]")) overmark(field);
  };
  /* The choice is the editor's: an answer that was asked for before it does not take it back. */
  const stay = (story, asked) => {
    if (!story || story === asked || !document.getElementById(`row-${story}`)) return;
    desk.mark(story);
    desk.sheet(story);
  };
  const blockOf = (field) => field.dataset.block || `thread/${field.dataset.partOf}`;
  const fieldsOf = (block) => $$("[data-block], [data-part-of]").filter((field) => blockOf(field) === block);
  const where = () => ({ s: desk.story, net: $("[name=net]:checked")?.value || "", view: desk.current, tab: $(".tabs [aria-selected=true]")?.dataset.tab || "" });

  /* ---- one request at a time, in order */
  let line = Promise.resolve();
  let still = Promise.resolve(); // what a hand holds is not redrawn under it
  const status = (text) => { const place = $("#saved"); if (place) place.textContent = text; };
  const ask = async (name, values) => {
    let answer;
    try {
      answer = await fetch(`/i/${encodeURIComponent(desk.issue)}/do/${name}`, { method: "POST", body: new URLSearchParams({ ...where(), ...values }) });
    } catch {
      offline(true);
      return { ok: false, status: 0, text: word("offline") };
    }
    offline(false);
    const text = await answer.text();
    if (answer.status === 403) desk.notice(word("lost"));
    return { ok: answer.ok, status: answer.status, text };
  };
  const send = (name, values, saved = "") => {
    line = line.then(async () => {
      const answer = await ask(name, typeof values === "function" ? values() : values);
      await still;
      if (answer.ok && answer.text.includes('id="now"')) apply(answer.text, saved);
      return answer;
    });
    return line;
  };
  desk.settled = async () => { await Promise.all($$("[data-dirty]").map((field) => save(field))); await line; };
  const command = async (name, values, said = "") => {
    await desk.settled();
    const answer = await send(name, values);
    if (!answer.ok && answer.status) {
      desk.notice(answer.status === 409 ? word("newer") : answer.text.slice(0, 300), "");
      setTimeout(() => desk.notice(""), 8000);
    } else if (answer.ok) { desk.notice(""); if (said) desk.announce(said); }
    return answer;
  };

  let away = false;
  const offline = (gone) => {
    if (gone === away) return;
    away = gone;
    desk.notice(gone ? word("offline") : "");
    if (!gone) for (const field of $$("[data-dirty]")) schedule(field, 50);
  };

  /* ---- fields save themselves */
  const timers = new WeakMap();
  const nameOf = (field) => `text:${desk.issue}:${field.id}`;
  const schedule = (field, delay = 400) => {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => save(field), delay));
  };
  const typed = (field) => {
    field.dataset.dirty = "1";
    kept.set(nameOf(field), JSON.stringify({ value: field.value, base: field.dataset.base }));
    count(field);
  };
  const errorOf = (field) => document.getElementById(`e-${field.id.slice(2)}`);
  const complain = (field, text) => {
    const place = errorOf(field);
    if (place) place.textContent = text;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  const clean = (field) => {
    delete field.dataset.dirty;
    kept.drop(nameOf(field));
    complain(field, "");
  };
  const asked = (field) => {
    const { block, partOf, part, picture, base } = field.dataset;
    if (block) return ["say", { block, value: field.value, base }];
    if (picture) return ["part", { net: partOf, part, picture, how: "describe", value: field.value, base }];
    return ["part", { net: partOf, part, how: "say", value: field.value, base }];
  };
  const saving = new WeakMap();
  const save = (field) => {
    clearTimeout(timers.get(field));
    if (!field.dataset.dirty || !field.isConnected) return saving.get(field);
    if (saving.has(field)) return saving.get(field).then(() => save(field));
    const work = (async () => {
      const value = field.value;
      status(word("saving"));
      const answer = await send(asked(field)[0], () => asked(field)[1], blockOf(field));
      if (answer.ok) {
        if (field.value === value) clean(field);
        else schedule(field);
      } else if (answer.status === 409) conflict(field, JSON.parse(answer.text));
      else {
        status(word("unsaved"));
        if (answer.status) complain(field, word("retry", { why: answer.text.trim().slice(0, 300) }));
      }
    })().finally(() => saving.delete(field));
    saving.set(field, work);
    return work;
  };
  const isField = (node) => node.matches?.("textarea[data-block]:not([readonly]), textarea[data-part-of]:not([readonly])");
  let composing = false;
  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", (event) => { composing = false; if (isField(event.target)) { typed(event.target); schedule(event.target); } });
  document.addEventListener("input", (event) => {
    if (!isField(event.target)) return;
    typed(event.target);
    overmark(event.target);
    if (!composing) schedule(event.target);
  });
  document.addEventListener("focusout", (event) => {
    if (!isField(event.target)) return;
    if (event.target.dataset.dirty) save(event.target);
    else if (event.target.dataset.behind) { delete event.target.dataset.behind; setTimeout(refresh, 0); }
  });

  /* ---- two writers at one field: nobody's words are lost */
  const conflict = (field, theirs) => {
    const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    desk.notice(word("theirs", { time }), "");
    const bar = $("#notice .notice");
    const button = (text, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "b line sm", textContent: text });
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    };
    const whole = Boolean(field.dataset.block);
    const keep = () => { field.dataset.base = theirs.base; desk.notice(""); save(field); };
    const take = () => {
      if (whole) { field.value = theirs.theirs; field.dataset.base = theirs.base; }
      clean(field);
      count(field);
      desk.notice("");
      field.blur();
      refresh();
    };
    button(word("compare"), () => compare(whole ? theirs.theirs : "", field.value, keep, take)).classList.add("push");
    button(word("mine"), keep);
    button(word("take"), take);
    status(word("unsaved"));
  };
  const compare = (theirs, mine, keep, take) => {
    const made = document.createElement("dialog");
    const head = Object.assign(document.createElement("div"), { className: "dh" });
    head.append(Object.assign(document.createElement("h2"), { textContent: word("compare"), id: "compare-title" }));
    made.setAttribute("aria-labelledby", "compare-title");
    const body = Object.assign(document.createElement("div"), { className: "body both" });
    let from = 0, back = 0;
    while (from < Math.min(theirs.length, mine.length) && theirs[from] === mine[from]) from += 1;
    while (back < Math.min(theirs.length, mine.length) - from && theirs.at(-1 - back) === mine.at(-1 - back)) back += 1;
    for (const [title, text, tag] of [[word("others"), theirs, "del"], [word("ours"), mine, "ins"]]) {
      const box = document.createElement("div");
      const said = Object.assign(document.createElement("p"), { className: "reading box" });
      const middle = Object.assign(document.createElement(tag), { textContent: text.slice(from, text.length - back) });
      said.append(text.slice(0, from), middle, text.slice(text.length - back));
      box.append(Object.assign(document.createElement("h3"), { textContent: title }), said);
      body.append(box);
    }
    const foot = Object.assign(document.createElement("div"), { className: "df" });
    for (const [text, look, act] of [[word("close"), "b push", null], [word("take"), "b line", take], [word("mine"), "b line", keep]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: look, textContent: text });
      button.addEventListener("click", () => { made.close(); act?.(); });
      foot.append(button);
    }
    made.append(head, body, foot);
    $("#dialogs").replaceChildren(made);
    made.showModal();
  };

  /* ---- what was typed before a reload or a crash comes back */
  const restore = () => {
    let found = 0;
    for (const name of kept.keys().filter((key) => key.startsWith(`text:${desk.issue}:`))) {
      const field = document.getElementById(name.split(":").pop());
      if (!field || field.readOnly || field.dataset.dirty) continue;
      const { value, base } = JSON.parse(kept.get(name));
      if (value === field.value) { kept.drop(name); continue; }
      Object.assign(field, { value });
      Object.assign(field.dataset, { base, dirty: "1" });
      count(field);
      overmark(field);
      schedule(field, 200);
      found += 1;
    }
    if (found) desk.announce(word("kept"));
  };
  addEventListener("beforeunload", (event) => { if (away && $("[data-dirty]")) event.preventDefault(); });

  /* ---- how long a text is: a hint while typing; the server counts */
  const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const graphemes = (text) => [...letters.segment(text)].map((one) => one.segment);
  const light = (point) => point <= 4351 || (point >= 8192 && point <= 8205) || (point >= 8208 && point <= 8223) || (point >= 8242 && point <= 8247);
  const heavy = (cluster) => (/\p{Extended_Pictographic}/u.test(cluster) && !/^[\d#*©®™]/u.test(cluster) ? 2 : [...cluster].reduce((sum, char) => sum + (light(char.codePointAt(0)) ? 1 : 2), 0));
  const links = /https?:\/\/[^\s「」『』（）()，。、；：！？<>"]+/gu;
  const measure = (network, text) => {
    const short = network === "x" || network === "mastodon" ? text.replace(links, "x".repeat(23)) : text;
    if (network === "x") return graphemes(short).reduce((sum, one) => sum + heavy(one), 0);
    return network === "linkedin" ? short.length : graphemes(short).length;
  };
  const count = (field) => {
    const place = document.querySelector(`[data-count="${field.id}"]`);
    if (!place) return;
    const { most, net, unit } = place.dataset;
    const length = net ? measure(net, field.value) : [...field.value].length;
    place.classList.toggle("over", Boolean(most) && length > Number(most));
    const text = `${length}${most ? ` / ${most}` : ""}${unit ? ` ${unit}` : ""}`;
    ($(".num", place) || place).textContent = text;
    $(".ring .v", place)?.setAttribute("stroke-dasharray", `${Math.min(100, Math.round((100 * length) / most))} 100`);
  };
  const fits = (network, text, limit) => {
    const all = graphemes(text);
    let low = 0, high = all.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (measure(network, all.slice(0, middle).join("")) <= limit) low = middle;
      else high = middle - 1;
    }
    return all.slice(0, low).join("").length;
  };
  const limitOf = (field) => Number(document.querySelector(`[data-count="${field.id}"]`)?.dataset.most || 0);
  const overmark = (field) => {
    const behind = field.parentElement.matches(".ed") ? $("pre", field.parentElement) : null;
    if (!behind) return;
    const limit = limitOf(field), network = field.dataset.partOf;
    const over = limit && measure(network, field.value) - limit;
    field.closest(".part")?.classList.toggle("over", over > 0);
    behind.replaceChildren();
    if (!(over > 0)) return;
    const at = fits(network, field.value, limit);
    behind.append(field.value.slice(0, at), Object.assign(document.createElement("mark"), { textContent: field.value.slice(at) }));
    complain(field, word("over", { n: over }));
  };

  /* ---- parts of a thread */
  const points = (text, at) => [...text.slice(0, at)].length;
  const dividing = (field) => {
    const text = field.value, at = field.selectionStart;
    if (at > 0 && at < text.length) return at;
    const limit = limitOf(field);
    const end = measure(field.dataset.partOf, text) > limit ? fits(field.dataset.partOf, text, limit) : Math.ceil(text.length / 2);
    const stops = [...text.slice(0, end).matchAll(/[。！？!?\n]+[」』”’)]*\s*|\.\s+/gu)];
    const last = stops.at(-1);
    return last ? last.index + last[0].length : end;
  };
  const part = async (article, how) => {
    const field = $("[data-part-of]:not([data-picture])", article);
    const values = { net: article.dataset.net, part: article.dataset.part, how };
    if (how === "split") {
      values.at = points(field.value, dividing(field));
      values.value = field.value;
      clearTimeout(timers.get(field));
      clean(field);
      field.blur();
      const answer = await send("part", values);
      if (!answer.ok) { typed(field); complain(field, answer.text); }
      return;
    }
    await command("part", values);
  };

  /* ---- commands */
  const disabled = (button) => button.getAttribute("aria-disabled") === "true";
  const acts = (button) => {
    const { do: name, key, choice, with: other, to, blockName, span, display, name: note, text, way } = button.dataset;
    const values = {};
    for (const [label, value] of Object.entries({ key, choice, with: other, to, block: blockName, span, display, name: note, text, how: way })) if (value !== undefined) values[label] = value;
    const said = name === "move" ? word("moved", { n: to, total: $$("#chosen > .item").length }) : name === "undo" || name === "redo" ? button.getAttribute("aria-label") : "";
    const gone = name === "swap" || (name === "choice" && (choice === "ban" || choice === "list"));
    const place = gone ? desk.rows().findIndex((row) => row.dataset.story === key) : -1;
    if (name === "back") for (const field of fieldsOf(blockName)) { clearTimeout(timers.get(field)); clean(field); } // what was refused goes with it
    const inList = document.activeElement?.closest?.("#list") || document.activeElement === document.body;
    return command(name, values, said).then((answer) => {
      if (place >= 0 && answer.ok) keepPlace(place, key, Boolean(inList));
      return answer;
    });
  };
  /* What comes to stand in the place of a post that left is chosen next: the editor stays there. */
  const keepPlace = (place, key, focus) => {
    const all = desk.rows(), come = all[Math.min(place, all.length - 1)];
    if (come && come.dataset.story !== key) desk.select(come.dataset.story, { focus });
  };
  const slow = new Map();
  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = on("button[data-do]"))) { if (disabled(hit)) desk.announce(hit.title || hit.getAttribute("aria-label")); else { hit.closest("dialog")?.close(); acts(hit); } }
    else if ((hit = on("[data-how]"))) { if (!disabled(hit)) part(hit.closest(".part"), hit.dataset.how); }
    else if ((hit = on("[data-net-go]"))) desk.net(hit.dataset.netGo);
    else if ((hit = on("[data-insert]"))) insert(hit);
    else if ((hit = on("[data-quote-span]"))) quoteSpan(hit);
    else if ((hit = on("[data-look]"))) { if (!disabled(hit)) look(); }
  });
  document.addEventListener("change", (event) => {
    const radio = event.target.closest?.("input[type=radio][data-do]");
    if (!radio) return;
    clearTimeout(slow.get("quote"));
    slow.set("quote", setTimeout(() => acts(radio), 250));
  });
  document.addEventListener("desk:net", (event) => {
    for (const button of $$("[data-net-go]")) {
      const on = button.dataset.netGo === event.detail;
      button.classList.toggle("on", on);
      button.setAttribute("aria-pressed", String(on));
    }
  });
  const insert = (button) => {
    const field = fieldsOf(button.dataset.insert)[0];
    if (!field) return;
    const gap = /[\p{Script=Han}。！？」]$/u.test(field.value) || !field.value ? "" : " ";
    field.value = `${field.value}${gap}${button.dataset.text}`;
    typed(field);
    save(field);
    desk.announce(button.dataset.text);
  };
  const selection = () => {
    const text = $("#whole");
    if (!text || text.selectionStart === text.selectionEnd) return null;
    const said = text.value.slice(text.selectionStart, text.selectionEnd);
    const from = text.selectionStart + (said.length - said.trimStart().length);
    const to = text.selectionEnd - (said.length - said.trimEnd().length);
    return from < to ? { from: points(text.value, from), to: points(text.value, to), said: said.trim() } : null;
  };
  const quoteSpan = (button) => {
    const chosen = selection();
    if (chosen) command("quote", { key: button.dataset.key, span: `${chosen.from}:${chosen.to}`, said: chosen.said });
  };
  document.addEventListener("selectionchange", () => {
    const place = $("#picked"), chosen = document.activeElement?.id === "whole" ? selection() : null;
    if (place && chosen) place.textContent = word("selected", { text: chosen.said.length > 60 ? `${chosen.said.slice(0, 60)}…` : chosen.said });
  });
  document.addEventListener("toggle", (event) => {
    const { lazy } = event.target.dataset || {};
    const place = lazy && event.target.open ? $(".lazy:empty", event.target) : null;
    if (place) htmx.ajax("GET", lazy, { target: place, swap: "innerHTML" });
  }, true);

  /* ---- dialogs */
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-form]");
    if (!form) return;
    event.preventDefault();
    const name = form.dataset.form, values = Object.fromEntries(new FormData(form));
    const box = form.closest("dialog");
    const error = $(".err", box || form);
    if (name === "approve") values.channels = new FormData(form).getAll("channel").join(" ");
    const button = event.submitter;
    if (button?.dataset.busy) return;
    if (button) button.dataset.busy = "1";
    await desk.settled();
    const answer = await send(name, values);
    if (button) delete button.dataset.busy;
    if (answer.status === 409) { desk.modal(answer.text); return; }
    if (!answer.ok) {
      if (error) error.textContent = answer.text.trim();
      else desk.notice(answer.text.trim(), "");
      return;
    }
    if (error) error.textContent = "";
    if (name === "period") { location.href = answer.text; return; }
    if (answer.text.includes("<dialog")) { desk.modal(answer.text); refresh(); return; }
    if (box) box.close();
    if (name === "approve" || name === "test") {
      await refresh();
      desk.notice(answer.text, "ok");
      setTimeout(() => { if ($("#notice .ok")) desk.notice(""); }, 6000);
    }
  });
  /* ---- a look outside: it takes a while, and the desk goes on meanwhile */
  const look = async () => { await desk.settled(); if ((await send("look", {})).ok) watched(); };
  const watched = async () => {
    while ($("#checks [data-again]")) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      const answer = await fetch(`/i/${encodeURIComponent(desk.issue)}/checks`).catch(() => null);
      if (!answer?.ok) return;
      Idiomorph.morph($("#checks"), await answer.text(), shape);
    }
    await refresh();
    desk.announce($("#checks .look span")?.textContent || "");
  };
  if ($("#checks [data-again]")) watched();

  /* ---- order: by the handle, by keys */
  let letGo = () => {};
  if ($("#chosen")) new Sortable($("#chosen"), {
    handle: "[data-grip]",
    forceFallback: true, // by pointer: the browser's own drag and drop differs from one to the next
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    onChoose: () => { still = new Promise((resolve) => { letGo = resolve; }); },
    onUnchoose: () => letGo(),
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex !== newIndex) command("move", { key: item.dataset.key, to: newIndex + 1 }, word("moved", { n: newIndex + 1, total: $$("#chosen > .item").length }));
    },
  });
  const frozen = () => root.dataset.state === "approved";
  const current = () => $(`#chosen > .item[data-key="${CSS.escape(desk.story)}"]`);
  const shift = (by) => {
    const all = $$("#chosen > .item"), at = all.indexOf(current());
    const to = at + by;
    if (frozen() || at < 0 || to < 0 || to >= all.length) return;
    const key = desk.story;
    command("move", { key, to: to + 1 }, word("moved", { n: to + 1, total: all.length }))
      .then(() => { const row = $(`#row-${CSS.escape(key)} .row`); row?.focus(); row?.scrollIntoView({ block: "nearest" }); });
  };
  const inText = (target) => target?.closest?.("textarea, input:not([type=radio]):not([type=checkbox]), select");
  desk.chord = (event) => {
    const chord = event.metaKey || event.ctrlKey;
    if (chord && event.key === "Enter" && event.target.matches?.("[data-part-of]")) { part(event.target.closest(".part"), "split"); return true; }
    if (inText(event.target)) return false;
    if (chord && event.key.toLowerCase() === "z") { $(event.shiftKey ? "#redo" : "#undo")?.click(); return true; }
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) { shift(event.key === "ArrowUp" ? -1 : 1); return true; }
    return false;
  };
  const press = (selector) => { const button = $(`#p-story ${selector}`); if (button && !frozen()) button.click(); };
  Object.assign(desk.single, {
    p: () => press("[data-do=choice][aria-pressed]"),
    x: () => press("[data-choice=ban]"),
    s: () => press("[data-do=swap]"),
    e: async () => { desk.tab("story"); desk.pane("inspector"); await desk.coming; $("#p-story textarea[data-block^='summary/']")?.focus(); },
    q: async () => { desk.tab("story"); desk.pane("inspector"); await desk.coming; ($("#quotes input:checked") || $("#quotes input"))?.focus(); },
  });

  /* ---- what happens elsewhere */
  const refresh = async () => {
    await line;
    const query = new URLSearchParams(where()), { hash } = root.dataset;
    const answer = await fetch(`/i/${encodeURIComponent(desk.issue)}/pieces?${query}`).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    await still;
    if (html && hash === root.dataset.hash) apply(html);
  };
  desk.refresh = refresh;
  let stream = null;
  const listen = () => {
    if (document.hidden || stream) return;
    stream = new EventSource(`/i/${encodeURIComponent(desk.issue)}/events`);
    stream.addEventListener("revision", async (event) => {
      await line;
      const [hash, , state] = event.data.split(" ");
      offline(false);
      if (hash !== root.dataset.hash || state !== root.dataset.state) await refresh();
    });
    stream.addEventListener("trouble", (event) => desk.notice(event.data));
    stream.addEventListener("error", () => {
      const closed = stream?.readyState === EventSource.CLOSED;
      if (closed) { stream = null; fetch(`/i/${encodeURIComponent(desk.issue)}`, { method: "HEAD" }).then((answer) => { if (answer.status === 403) desk.notice(word("lost")); }).catch(() => offline(true)); }
      else offline(true);
    });
    stream.addEventListener("open", () => offline(false));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stream?.close(); stream = null; } else listen();
  });
  if (root.hasAttribute("data-newest")) listen();
  addEventListener("load", () => {
    restore();
    const later = $("[data-later]");
    if (later) desk.bring(`rows?${new URLSearchParams(where())}`, (html) => ranked(later, html));
  });
  /* The list comes back ranked: it is put in place like any other piece. */
  const ranked = async (list, html) => {
    await still;
    const story = desk.story;
    list.removeAttribute("data-later");
    Idiomorph.morph(list, html, shape);
    if (document.getElementById(`row-${story}`)) desk.mark(story);
    desk.rove();
    desk.search();
  };
  for (const field of $$("[data-part-of]")) overmark(field);
  document.addEventListener("desk:selected", restore);
})();
