// Sends a file in parts. Each part begins where the server says the last one ended; after a cut, a
// closed page or another day it is asked again. Without this script the form sends the whole file.
// The protocol is JSON and not htmx: htmx sends the fields of a form, not a piece of a file as the
// body, and knows neither a limit for a line that hangs nor waiting for the line or for a sign-in.
"use strict";

(() => {
  const FIRST_PART = 256 * 1024, LEAST_PART = 64 * 1024, PART_S = 8;
  const STALL_MS = 30_000, ANSWER_MS = 90_000, LONGEST_PAUSE_S = 30, WATCH_MS = 4_000, STILL_LOOKS = 4;
  const SAY_STEP = 10, SAY_MS = 15_000;
  const form = document.getElementById("upload-form");
  const WORDS = JSON.parse(form.dataset.words);
  const language = document.documentElement.lang || "id";
  const summary = document.getElementById("problem"), panel = document.getElementById("sending");
  const title = document.title;
  let isBusy = false;

  // --- words -------------------------------------------------------------------------------------
  const fill = (name, values) => window.portal.fill(WORDS[name], values);
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const bytes = (n) => (n < 1e6 ? `${number.format(Math.round(n / 1e3))} kB` : `${number.format(n / 1e6)} MB`);

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // What is wrong, on top, with the focus and a way to the field.
  function tell(wrong, link) {
    const note = element("div", "", { class: "note fix", role: "alert", tabindex: "-1", id: "error-summary" });
    const list = document.createElement("ul");
    for (const [field, text] of Object.entries(wrong)) {
      const item = document.createElement("li");
      item.append(element("a", text, { href: field === "region" ? "#region_text" : "#file" }));
      if (link) item.append(" ", element("a", WORDS.open, { href: link }));
      list.append(item);
    }
    note.append(element("h2", WORDS.problem), list);
    summary.replaceChildren(note);
    document.title = `${WORDS.problem}: ${title}`;
    note.focus();
  }

  function note(text, link) {
    const box = element("div", text + " ", { class: "note", role: "status", tabindex: "-1" });
    if (link) box.append(element("a", WORDS.open, { href: link }));
    summary.replaceChildren(box);
    box.focus();
  }

  // --- one request -------------------------------------------------------------------------------
  class SignedOut extends Error { constructor(address) { super("signed out"); this.address = address; } }
  class Refused extends Error { constructor(wrong) { super("refused"); this.wrong = wrong; } }
  class Gone extends Error {}
  class Cut extends Error {}
  class Busy extends Error { constructor({ busy, seconds }) { super(busy); this.seconds = seconds; } }
  class Unreadable extends Error {}

  // XMLHttpRequest tells how much has left, so that a line that hangs is noticed.
  function ask(method, address, { body = null, headers = {}, onLeft = () => {}, isPoll = false } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let timer = 0;
      const wait = (ms) => { clearTimeout(timer); timer = setTimeout(() => request.abort(), ms); };
      request.open(method, address);
      request.setRequestHeader("Accept", "application/json");
      if (method === "POST") request.setRequestHeader("X-CSRFToken", window.portal.csrfToken());
      if (isPoll) request.setRequestHeader("X-Poll", "1");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => { onLeft(event.loaded); wait(STALL_MS); };
      request.upload.onload = () => wait(ANSWER_MS);
      request.onload = () => {
        clearTimeout(timer);
        let answer = null;
        try { answer = JSON.parse(request.responseText); } catch { /* a page: of the sign-in, or of a proxy */ }
        const status = request.status;
        if (status === 401) reject(new SignedOut(answer?.sign_in || "/"));
        else if (status === 404) reject(new Gone());
        else if (answer?.wrong) reject(new Refused(answer.wrong));
        else if (answer?.busy) reject(new Busy(answer));
        else if (answer && (status === 200 || status === 409 || status === 413)) resolve({ status, answer });
        else if (status === 200) reject(new SignedOut(request.responseURL || "/"));
        else reject(new Cut(String(status)));
      };
      request.onerror = request.onabort = () => { clearTimeout(timer); reject(new Cut("line")); };
      wait(method === "POST" && !headers["Upload-Offset"] ? ANSWER_MS : STALL_MS);
      request.send(body);
    });
  }

  // --- what is shown while it is sent --------------------------------------------------------------
  const view = {
    bar: panel.querySelector("[role=progressbar]"),
    count: document.getElementById("sending-count"),
    said: document.getElementById("sending-said"),
    note: document.getElementById("sending-note"),
    ways: document.getElementById("sending-ways"),
    percent: -SAY_STEP,
    at: 0,

    open(name) {
      document.getElementById("sending-title").textContent = name;
      panel.hidden = false;
      form.hidden = true;
      panel.focus();
    },
    close() {
      panel.hidden = true;
      form.hidden = false;
      document.title = title;
    },
    how(received, size) {
      const percent = Math.floor((received / size) * 100);
      const text = fill("sent", { received: bytes(received), size: bytes(size) });
      this.bar.firstElementChild.style.width = `${percent}%`;
      this.bar.setAttribute("aria-valuenow", percent);
      this.bar.setAttribute("aria-valuetext", text);
      this.count.textContent = text;
      document.title = `${percent} % – ${document.getElementById("sending-title").textContent}`;
      const now = Date.now();
      if (percent - this.percent >= SAY_STEP || (now - this.at >= SAY_MS && percent !== this.percent)) {
        this.said.textContent = `${text} (${percent} %)`;
        [this.percent, this.at] = [percent, now];
      }
    },
    // A state that stands in the way, said at once; nothing: it goes on.
    state(text = "", ...ways) {
      if (this.note.textContent !== text) this.said.textContent = text || this.said.textContent;
      this.note.textContent = text;
      this.note.hidden = !text;
      this.ways.replaceChildren(...ways);
    },
  };

  // --- waiting -------------------------------------------------------------------------------------
  // Until a time has passed, the line is back, somebody comes back to this page or presses the button.
  function pause(ms, button) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        window.removeEventListener("focus", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      window.addEventListener("online", done);
      window.addEventListener("focus", done);
      button?.addEventListener("click", done);
    });
  }

  const again = () => element("button", WORDS.again, { type: "button", class: "act quiet" });

  // --- the upload ------------------------------------------------------------------------------------
  async function fingerprint(file) {
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch { return ""; } // too little memory, or no secure address: the server counts alone
  }

  // The line of an unfinished upload of this very file: its region need not be chosen again.
  function begunWith(file) {
    return [...document.querySelectorAll(".unfinished li")].find(({ dataset }) => dataset.name === file.name
      && Number(dataset.size) === file.size && Number(dataset.modified) === file.lastModified);
  }

  class Sending {
    constructor(file) {
      this.file = file;
      this.part = FIRST_PART;
      this.failures = 0;
      this.offset = 0;
    }

    get how() { return { received: bytes(this.offset), size: bytes(this.file.size) }; }

    take(answer) {
      if (typeof answer.offset === "number") this.offset = answer.offset;
      for (const name of ["address", "finish", "most", "next"]) if (answer[name]) this[name] = answer[name];
      view.how(this.offset, this.file.size);
    }

    // Whatever goes wrong on the line is waited for; what the portal refuses is thrown.
    async patiently(work) {
      for (;;) {
        try {
          const done = await work();
          this.failures = 0;
          view.state();
          return done;
        } catch (fault) {
          if (fault instanceof SignedOut) await this.signedOut(fault.address);
          else if (fault instanceof Busy) {
            const button = again();
            view.state(fault.message, button);
            await pause(fault.seconds * 1000 * (0.5 + Math.random() / 2), button);
          }
          else if (fault instanceof Cut) await this.cut();
          else throw fault;
        }
      }
    }

    async cut() {
      view.how(this.offset, this.file.size); // what had left the device may not have arrived
      const seconds = Math.min(LONGEST_PAUSE_S, 2 ** this.failures++) * (0.75 + Math.random() / 2);
      const button = again();
      if (!navigator.onLine) view.state(fill("offline", this.how), button);
      else if (this.failures > 1) {
        view.state(fill("waiting", { ...this.how, seconds: Math.max(1, Math.round(seconds)) }), button);
      }
      this.part = Math.max(LEAST_PART, this.part / 2);
      await pause(navigator.onLine ? seconds * 1000 : LONGEST_PAUSE_S * 1000, button);
    }

    async signedOut(address) {
      view.how(this.offset, this.file.size);
      const link = element("a", WORDS.sign_in, { href: address, target: "_blank", rel: "opener", class: "act" });
      view.state(fill("signed_out", this.how), link);
      await pause(WATCH_MS);
    }

    async begin() {
      const { file } = this;
      const given = new FormData(form);
      given.delete("file");
      given.delete("csrfmiddlewaretoken"); // it would come before that of a session begun meanwhile
      const before = begunWith(file);
      if (before && !given.get("region") && !given.get("region_text")) given.set("region", before.dataset.region);
      given.set("file_name", file.name);
      given.set("size", file.size);
      given.set("modified_ms", file.lastModified);
      given.set("sha256", await fingerprint(file));
      const { answer } = await this.patiently(() => {
        const body = new URLSearchParams(given);
        return ask("POST", form.dataset.begin, { body });
      });
      return answer;
    }

    look() { return ask("GET", this.address, { isPoll: true }).then(({ answer }) => this.take(answer)); }

    async send() {
      let mustLook = false;
      while (this.offset < this.file.size && !this.next) {
        await this.patiently(async () => {
          if (mustLook) await this.look();
          mustLook = true; // should this part fail
          if (this.offset >= this.file.size || this.next) return;
          mustLook = await this.sendPart();
        });
      }
    }

    // Whether the offset must be asked for before the next part.
    async sendPart() {
      const from = this.offset, until = Math.min(this.file.size, from + Math.min(this.part, this.most));
      const began = performance.now();
      const body = await this.file.slice(from, until).arrayBuffer().catch(() => { throw new Unreadable(); });
      const { status, answer } = await ask("POST", this.address, {
        body,
        headers: { "Upload-Offset": String(from), "Content-Type": "application/octet-stream" },
        onLeft: (left) => view.how(Math.min(until, from + left), this.file.size),
      });
      this.take(answer);
      if (status === 413) this.part = answer.most;
      if (status === 409) { // somebody else sends it, too: watch, and go on when they stop
        view.state(fill("other", this.how));
        await this.watch();
        return false;
      }
      const seconds = (performance.now() - began) / 1000;
      this.part = Math.min(this.most, Math.max(LEAST_PART, this.part * Math.min(2, PART_S / seconds)));
      return false;
    }

    async watch() {
      let still = 0;
      while (still < STILL_LOOKS && this.offset < this.file.size && !this.next) {
        const before = this.offset;
        await pause(WATCH_MS + Math.random() * WATCH_MS);
        await this.look();
        still = this.offset === before ? still + 1 : 0;
        view.state(fill("other", this.how));
      }
    }

    async finishUp() {
      view.state(WORDS.finishing);
      for (;;) {
        const { status, answer } = await this.patiently(
          () => ask("POST", this.finish).catch(async (fault) => {
            if (fault instanceof Cut && fault.message !== "line") await this.look();
            throw fault;
          }),
        );
        if (status !== 409) return answer.next;
        this.take(answer);
        await this.send();
      }
    }
  }

  const leaving = (event) => { event.preventDefault(); event.returnValue = WORDS.leave; };

  async function upload(file) {
    const sending = new Sending(file);
    view.open(file.name);
    view.state(WORDS.reading);
    window.addEventListener("beforeunload", leaving);
    try {
      const begun = await sending.begin();
      if (begun.batch) {
        view.close();
        note(begun.text, begun.batch);
        return;
      }
      sending.take(begun);
      await sending.send();
      const next = sending.next || (await sending.finishUp());
      window.removeEventListener("beforeunload", leaving);
      location.assign(next);
    } catch (fault) {
      view.close();
      if (fault instanceof Refused) tell(fault.wrong);
      else if (fault instanceof Gone) tell({ file: WORDS.gone });
      else if (fault instanceof Unreadable) tell({ file: fill("unreadable", sending.how) });
      else {
        tell({ file: WORDS.broken });
        throw fault;
      }
    } finally {
      window.removeEventListener("beforeunload", leaving);
    }
  }

  // What is plain before a byte is sent.
  function refusal(file) {
    const known = { name: file?.name, size: bytes(file?.size || 0), limit: bytes(Number(form.dataset.limit)) };
    if (!file) return WORDS.none;
    if (file.type.startsWith("image/")) return fill("photo", known);
    if (file.size === 0) return fill("empty", known);
    if (file.size > Number(form.dataset.limit)) return fill("large", known);
    return "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isBusy) return; // a double click
    const file = form.elements.file.files[0], wrong = refusal(file);
    summary.replaceChildren();
    if (wrong) {
      tell({ file: wrong });
      return;
    }
    isBusy = true;
    upload(file).finally(() => { isBusy = false; });
  });

  // The summary that came with the page takes the focus, as one of this script would.
  document.getElementById("error-summary")?.focus();
})();
