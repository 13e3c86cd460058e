/* The end of the session, and forms that outlive it.

   1. Five minutes before the end a bar says so; its button lengthens the session by a POST. The page
      asks the server first, because another tab may have been busy. At the end of a shift it says
      that instead: only handing over or extending the shift helps.
   2. <form data-keep-form> (or data-keep-form="name" where a page has several): what is typed stays in
      this tab's sessionStorage, under the person and the address. When the session ends before or
      while the form is sent, the person signs in, comes back to the address, and the fields are
      filled again; the form then gets the event "session:restored" (bubbling).
      Never kept: passwords, files, hidden fields, fields with data-keep="no". Kept no longer than
      until the form was sent in a session, the sign-out (in any tab), another person's sign-in, or
      24 hours.
   3. A page with data-gate (sign-in, second factor, a form that was open too long) marks what is kept
      as interrupted: only that is filled in again.
   4. data-print: a button that prints. #error-summary takes the focus. */
(function () {
  "use strict";
  const root = document.getElementById("session");
  if (!root) return;
  const { person = "", left = "", stateUrl = "", restored = "" } = root.dataset;
  const isGate = "gate" in root.dataset;

  // --- 1. the end of the session ---
  const WARN_S = 300, ASK_BEFORE_S = 30;
  let timer = 0, shown = "";

  function show(when) {
    if (when === shown) return;
    shown = when;
    const live = root.querySelector("[data-live]"), rest = root.querySelector("[data-rest]");
    rest.append(...live.children);
    if (when) live.append(rest.querySelector(`[data-when=${when}]`));
  }

  async function state(method) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    const headers = method === "POST" ? { "X-CSRFToken": token ? token.value : "" } : { "X-Poll": "1" };
    const answer = await fetch(stateUrl, { method, headers, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function look(method) {
    try {
      follow(await state(method));
    } catch {
      show("unsure");
      again(60);
    }
  }

  function follow(now) {
    if (now.left_s <= 0) return show("over");
    if (now.left_s > WARN_S) {
      show("");
      return again(now.left_s - WARN_S);
    }
    for (const place of root.querySelectorAll("[data-ends]")) place.textContent = now.ends;
    show(now.is_shift ? "shift" : "soon");
    return again(now.left_s > ASK_BEFORE_S + 5 ? now.left_s - ASK_BEFORE_S : now.left_s + 2);
  }

  function again(seconds) {
    clearTimeout(timer);
    due = Date.now() + seconds * 1000;
    timer = setTimeout(() => look("GET"), seconds * 1000);
  }

  let due = Infinity;
  if (person) {
    again(Math.max(5, Number(left) - WARN_S));
    // a laptop that slept keeps no timers
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() > due + 2000) look("GET");
    });
    for (const button of root.querySelectorAll("[data-stay]")) {
      button.addEventListener("click", () => look("POST"));
    }
    const signIn = root.querySelector("[data-again]");
    const here = location.pathname + location.search;
    signIn.href = `${root.dataset.signIn}?next=${encodeURIComponent(here)}`;
  }

  // --- 2. forms that outlive it ---
  const PREFIX = "portal.keep:", DAY_MS = 24 * 3600 * 1000;
  const SKIPPED = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

  function entries() {
    const found = [];
    for (const key of Object.keys(sessionStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      try {
        found.push([key, JSON.parse(sessionStorage.getItem(key))]);
      } catch {
        sessionStorage.removeItem(key);
      }
    }
    return found;
  }

  function store(key, entry) {
    try {
      sessionStorage.setItem(key, JSON.stringify(entry));
    } catch {
      // no room: the form works, it is only not kept
    }
  }

  function keyOf(form) {
    return `${PREFIX}${person}:${location.pathname}:${form.dataset.keepForm || "form"}`;
  }

  function fields(form) {
    return [...form.elements].filter(
      (one) => one.name && !SKIPPED.has(one.type) && one.dataset.keep !== "no" && one.tagName !== "FIELDSET",
    );
  }

  function valueOf(one) {
    if (one.type === "checkbox" || one.type === "radio") return one.checked;
    if (one.type === "select-multiple") return [...one.selectedOptions].map((option) => option.value);
    return one.value;
  }

  function keep(form, submitted) {
    const values = fields(form).map((one) => [one.name, one.type === "radio" || one.type === "checkbox" ? one.value : null, valueOf(one)]);
    store(keyOf(form), { at: Date.now(), submitted, interrupted: false, values });
  }

  function fill(form, entry) {
    const left = entry.values.slice();
    for (const one of fields(form)) {
      const isChoice = one.type === "radio" || one.type === "checkbox";
      const at = left.findIndex(([name, choice]) => name === one.name && (!isChoice || choice === one.value));
      if (at < 0) continue;
      const value = left.splice(at, 1)[0][2];
      if (isChoice) one.checked = value;
      else if (one.type === "select-multiple") for (const option of one.options) option.selected = value.includes(option.value);
      else one.value = value;
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const note = document.createElement("p");
    note.className = "note";
    note.setAttribute("role", "status");
    note.textContent = restored;
    form.prepend(note);
    form.dispatchEvent(new CustomEvent("session:restored", { bubbles: true }));
  }

  function forget() {
    for (const [key] of entries()) sessionStorage.removeItem(key);
  }

  function review() {
    for (const [key, entry] of entries()) {
      if (Date.now() - entry.at > DAY_MS) sessionStorage.removeItem(key);
      else if (isGate) store(key, { ...entry, interrupted: true });
      else if (person && !key.startsWith(`${PREFIX}${person}:`)) sessionStorage.removeItem(key);
      else if (person && !entry.interrupted && (entry.submitted || key.includes(`:${location.pathname}:`))) {
        sessionStorage.removeItem(key);
      }
    }
  }

  review();
  if (person && !isGate) {
    for (const form of document.querySelectorAll("form[data-keep-form]")) {
      const kept = sessionStorage.getItem(keyOf(form));
      if (kept) {
        fill(form, JSON.parse(kept));
        keep(form, false);
      }
    }
    let waiting = 0;
    document.addEventListener("input", (event) => {
      const form = event.target.form;
      if (!form || !("keepForm" in form.dataset)) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => keep(form, false), 200);
    });
    document.addEventListener("submit", (event) => {
      clearTimeout(waiting);
      if ("keepForm" in event.target.dataset) keep(event.target, true);
      if ("signOut" in event.target.dataset) {
        forget();
        if (channel) channel.postMessage("sign-out");
      }
    }, true);
  }
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("portal-session") : null;
  if (channel) channel.addEventListener("message", forget);

  // --- 4. printing, errors ---
  const wrong = document.getElementById("error-summary");
  if (wrong) wrong.focus();
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
