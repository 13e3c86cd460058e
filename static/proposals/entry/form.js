/* The form of one family: saves by itself, says so, keeps what could not be sent, loses nothing.
   Without this script each section is a plain form with a button. */
(function () {
  "use strict";
  var page = document.getElementById("form");
  if (!page) return;
  var words = document.getElementById("form-words").dataset, kept = window.formStore, portal = window.portal;
  // " – Portal DTKS": what every title ends with
  var product = document.title.slice(document.title.lastIndexOf(" – "));
  var user = page.dataset.user, draft = page.dataset.draft;
  var AFTER_MS = 1200, RETRY_MS = 5000, LOOK_MS = [700, 1000, 1500, 2000, 3000, 5000, 5000, 5000];
  var ORDER = ["family", "members", "house", "review"];
  var sections = {}, isSignedOut = false, looking = 0, lookTimer = 0, recovered = false;

  /* On a slow line a field can be filled before this script has arrived. */
  function isTypedAlready(form) {
    return Array.prototype.some.call(form.elements, function (field) {
      if (!field.name || field.type === "hidden") return false;
      if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
      if (field.options) {
        var given = Array.prototype.findIndex.call(field.options, function (option) { return option.defaultSelected; });
        return field.selectedIndex !== Math.max(given, 0);
      }
      return "defaultValue" in field && field.value !== field.defaultValue;
    });
  }

  /* --- one section ------------------------------------------------------------------------- */
  function Section(form) {
    this.form = form;
    this.name = form.dataset.sectionForm;
    this.isDirty = this.isSending = this.isWaiting = this.isDone = this.isStopped = false;
    this.conflict = null; // the version that somebody else saved meanwhile
    this.box = form.querySelector("[data-conflict]");
    this.changes = 0;
    var self = this;
    form.addEventListener("input", function (event) { if (event.target.name) self.touched(); });
    form.addEventListener("change", function (event) { if (event.target.name) self.touched(); });
  }
  Section.prototype.body = function () {
    var data = new URLSearchParams(new FormData(this.form));
    data.delete("csrfmiddlewaretoken");
    if (this.isDone) data.set("next", "1");
    return data.toString();
  };
  Section.prototype.version = function () { return this.form.elements.version.value; };
  Section.prototype.touched = function () {
    this.isDirty = true;
    this.isStopped = false;
    this.changes += 1;
    kept.put(user, draft, this.name, { body: this.body() });
    window.clearTimeout(this.timer);
    if (this.conflict === null) this.timer = window.setTimeout(this.send.bind(this), AFTER_MS);
  };
  Section.prototype.send = function (isLast) {
    var self = this, seen = this.changes;
    window.clearTimeout(this.timer);
    if (this.conflict !== null) return Promise.resolve(false);
    if (!this.isDirty || isSignedOut || this.isStopped) return Promise.resolve(!this.isDirty);
    if (this.isSending) return this.sending.then(function () { return self.send(isLast); });
    this.isSending = true;
    if (!isLast) this.said(words.saving);
    this.sending = fetch(this.form.action, {
      method: "POST", body: this.body(), credentials: "same-origin", redirect: "manual", keepalive: true,
      headers: {
        Accept: "application/json", "X-CSRFToken": portal.csrfToken(),
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
      },
    }).then(function (answer) { return self.answered(answer, seen); }, function () { return self.cut(); })
      .then(function (isSaved) { self.isSending = false; bar(); return isSaved; });
    return this.sending;
  };
  Section.prototype.answered = function (answer, seen) {
    var self = this;
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      isSignedOut = true;
      return false;
    }
    if (answer.status === 404) {
      this.isStopped = true;
      note(words.gone);
      return false;
    }
    if (answer.status >= 500) return this.cut();
    return answer.json().then(function (known) {
      if (answer.status === 409) { self.differs(known); return false; }
      if (!answer.ok) return self.cut();
      self.form.elements.version.value = known.version;
      if (self.isWaiting) recovered = true;
      self.isWaiting = false;
      self.said(known.saved);
      showStatuses(known.section_statuses);
      if (self.changes === seen) {
        self.isDirty = false;
        kept.drop(user, draft, self.name);
      } else {
        self.timer = window.setTimeout(self.send.bind(self), AFTER_MS);
      }
      document.dispatchEvent(new CustomEvent("draft-saved", { detail: { section: self.name, village: known.village } }));
      look();
      return self.changes === seen;
    }, function () { return self.cut(); });
  };
  Section.prototype.cut = function () {
    this.isWaiting = true;
    this.said("");
    window.setTimeout(this.send.bind(this), RETRY_MS);
    return false;
  };
  Section.prototype.said = function (text) {
    var place = this.form.querySelector("[data-saved]");
    if (place) place.textContent = text;
  };
  /* Somebody saved another text meanwhile. Both stay in sight, and nothing of this section is sent
     until one of them is chosen. */
  Section.prototype.differs = function (known) {
    this.said("");
    if (known.version === undefined) { // sent meanwhile: there is nothing to choose
      this.isStopped = true;
      note(known.text);
      return;
    }
    this.conflict = known.version;
    this.isWaiting = false;
    var box = this.box, form = this.form, body = box.querySelector("[data-lines]");
    box.querySelector("[data-text]").textContent = known.text;
    body.textContent = "";
    known.lines.forEach(function (one) {
      body.append(row(one));
      var field = fieldAt(form, one.place), line = field && field.querySelector(".stored");
      if (!line) return;
      line.querySelector("b").textContent = one.stored;
      line.hidden = false;
    });
    box.hidden = false;
    marks();
    if (!form.hidden) box.focus();
  };
  function row(one) {
    var made = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row"; head.textContent = one.label;
    made.append(head, cell(words.ownVersion, one.own), cell(words.storedVersion, one.stored));
    return made;
  }
  function cell(label, text) {
    var made = document.createElement("td");
    made.dataset.label = label; made.textContent = text;
    return made;
  }
  Section.prototype.keepMine = function () {
    this.form.elements.version.value = this.conflict;
    this.conflict = null;
    this.form.querySelectorAll(".stored").forEach(function (line) { line.hidden = true; });
    this.box.hidden = true;
    this.form.querySelector("h2").focus();
    this.touched();
    return this.send();
  };
  Section.prototype.takeTheirs = function () {
    kept.drop(user, draft, this.name);
    this.isDirty = false;
    location.reload();
  };
  /* The box around the field of a place such as `members.1.nik`. */
  function fieldAt(form, place) {
    var slot = slotAt(form, place);
    return slot && (slot.closest(".field") || slot.parentElement);
  }
  function slotAt(form, place) {
    var parts = place.split("."), within = form;
    if (parts[0] === "members") {
      within = form.querySelectorAll("[data-card]")[Number(parts[1])];
      parts.splice(1, 1);
    }
    return within && within.querySelector('[data-slot="' + (parts[1] || "") + '"]');
  }

  /* --- the bar of the device ----------------------------------------------------------------- */
  function waitingCount() {
    return Object.keys(sections).filter(function (one) { return sections[one].isDirty; }).length;
  }
  function bar() {
    var box = document.getElementById("device-bar"), count = waitingCount();
    var isCut = !navigator.onLine || Object.keys(sections).some(function (one) { return sections[one].isWaiting; });
    box.textContent = "";
    box.classList.toggle("is-good", false);
    if (isSignedOut) {
      var here = encodeURIComponent(location.pathname);
      box.append(words.signedOut + " ", link(words.signIn, page.dataset.login + "?next=" + here));
    } else if (isCut) {
      box.append(words.offline + ". ");
      if (count) {
        var again = document.createElement("button");
        again.type = "button"; again.textContent = words.sendAgain;
        again.addEventListener("click", sendAll);
        box.append(portal.fill(words.waiting, { count: count }) + " ", again);
      }
    } else if (recovered && !count) {
      recovered = false;
      box.append(words.sent);
      box.classList.toggle("is-good", true);
    }
    box.hidden = !box.textContent;
  }
  function link(text, url) {
    var made = document.createElement("a");
    made.href = url; made.textContent = text;
    return made;
  }
  function sendAll(isLast) {
    return Promise.all(Object.keys(sections).map(function (one) { return sections[one].send(isLast === true); }));
  }

  /* --- moving between sections: the document holds them all ---------------------------------- */
  function show(name, isBack) {
    if (name === "review") {
      return sendAll().then(function (saved) {
        if (saved.every(Boolean)) { location.assign(address("review")); return; }
        var open = ORDER.find(function (one) { return sections[one] && sections[one].conflict !== null; });
        if (open) { show(open); sections[open].box.focus(); } else if (!isSignedOut) note(words.needsLine);
      });
    }
    Object.keys(sections).forEach(function (one) { sections[one].form.hidden = one !== name; });
    document.querySelectorAll("[data-section-status] a").forEach(function (one) {
      if (one.dataset.goto === name) one.setAttribute("aria-current", "step"); else one.removeAttribute("aria-current");
    });
    var form = sections[name].form;
    document.title = form.dataset.title + " – " + words.page + product;
    if (!isBack) history.pushState({ section: name }, "", address(name));
    document.getElementById("error-summary").hidden = true;
    form.querySelector("h2").focus();
    window.scrollTo(0, 0);
    document.dispatchEvent(new CustomEvent("section-shown", { detail: name }));
    return undefined;
  }
  function address(name) { return location.pathname.replace(/[^/]+\/$/, name + "/"); }
  function note(text) {
    var box = document.getElementById("page-note");
    box.textContent = text; box.hidden = false; box.focus();
  }

  /* --- members ------------------------------------------------------------------------------- */
  var cards = document.getElementById("cards"), blank = document.getElementById("blank-card");
  function addCard(number) {
    var made = blank.content.firstElementChild.outerHTML.replace(/__n__/g, String(number));
    cards.insertAdjacentHTML("beforeend", made);
    grouping(cards.lastElementChild);
    recount();
    return cards.lastElementChild;
  }
  function recount() {
    cards.querySelectorAll("[data-card]").forEach(function (card, i) {
      card.querySelector("[data-count]").textContent = i + 1;
    });
  }
  function nextNumber() {
    return Array.prototype.reduce.call(cards.querySelectorAll("[data-card]"), function (most, card) {
      return Math.max(most, Number(card.dataset.card) + 1);
    }, 0);
  }
  function cardSaid(text, number) {
    document.getElementById("card-said").textContent = portal.fill(text, { number: number });
  }

  /* --- 6-6-4 as on the card, once the field is left ------------------------------------------ */
  function group(field) {
    var bare = field.value.replace(/[ .\-\u00a0']/g, "");
    if (/^\d{16}$/.test(bare)) field.value = bare.slice(0, 6) + " " + bare.slice(6, 12) + " " + bare.slice(12);
  }
  function grouping(within) {
    within.querySelectorAll("[data-grouped]").forEach(function (field) {
      field.addEventListener("blur", function () { group(field); });
    });
  }

  /* --- what the checks say ------------------------------------------------------------------- */
  function look() {
    looking = 0;
    window.clearTimeout(lookTimer);
    lookTimer = window.setTimeout(ask, LOOK_MS[0]);
  }
  function ask() {
    fetch(page.dataset.remarks, {
      credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json", "X-Poll": "1" },
    }).then(function (answer) { return answer.ok ? answer.json() : null; }, function () { return null; })
      .then(function (known) {
        if (known) said(known);
        looking += 1;
        if (known && !known.checked && looking < LOOK_MS.length) lookTimer = window.setTimeout(ask, LOOK_MS[looking]);
      });
  }
  function said(known) {
    document.querySelectorAll(".said").forEach(function (slot) { slot.textContent = ""; });
    known.remarks.forEach(function (remark) {
      var form = sections[remark.place.split(".")[0]].form, slot = slotAt(form, remark.place);
      if (!slot) return;
      slot.appendChild(line(remark));
      var waits = slot.closest("[data-when-said]");
      if (waits) waits.hidden = false;
      var field = slot.parentElement.querySelector("input:not([type=hidden]), select");
      if (field && remark.severity === 3) field.setAttribute("aria-invalid", "true");
      var folded = slot.closest("details");
      if (folded) folded.open = true;
    });
    showStatuses(known.section_statuses);
    document.getElementById("known-note").hidden = !known.known;
  }
  function showStatuses(known) {
    Object.keys(known).forEach(function (code) { showStatus(code, known[code].words, known[code].mark); });
    marks();
  }
  function showStatus(code, text, mark) {
    var item = document.querySelector('[data-section-status="' + code + '"]');
    item.querySelector("[data-words]").textContent = text;
    item.querySelector("[data-mark]").textContent = mark;
  }
  function marks() {
    Object.keys(sections).forEach(function (one) {
      if (sections[one].conflict !== null) showStatus(one, words.twoVersions, "⚠");
    });
  }
  function line(remark) {
    var made = document.createElement("p"), chip = document.createElement("span"), title = document.createElement("b");
    made.className = "said-line severity-" + remark.severity;
    chip.className = "chip severity-" + remark.severity;
    chip.textContent = { 1: "i " + words.note, 2: "⚠ " + words.check, 3: "✖ " + words.fix }[remark.severity];
    title.textContent = remark.title;
    made.append(chip, " ", title, " ", remark.remedy);
    return made;
  }

  /* --- what was kept on this device ---------------------------------------------------------- */
  function fill(section, body) {
    var values = new URLSearchParams(body), form = section.form;
    section.isDone = values.get("next") === "1";
    if (section.name === "members") {
      cards.textContent = "";
      values.getAll("member").forEach(addCard);
    }
    var village = values.get("region"), choices = document.getElementById("region-choices");
    if (section.name === "family" && village && choices && !form.querySelector('[name=region][value="' + village + '"]')) {
      var label = document.createElement("label"), pick = document.createElement("input");
      label.className = "choice"; pick.type = "radio"; pick.name = "region"; pick.value = village;
      label.append(pick, " " + village);
      choices.textContent = "";
      choices.append(label);
    }
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || ["version", "member", "csrfmiddlewaretoken"].includes(field.name) || field.type === "submit") return;
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.getAll(field.name).includes(field.value);
      else if (values.has(field.name)) field.value = values.get(field.name);
    });
    // the version that was in sight when this was typed: a later one is a difference to be told
    form.elements.version.value = values.get("version") || form.elements.version.value;
  }

  document.querySelectorAll("[data-section-form]").forEach(function (form) {
    sections[form.dataset.sectionForm] = new Section(form);
    form.addEventListener("submit", function (event) {
      var section = sections[form.dataset.sectionForm], pressed = event.submitter;
      event.preventDefault();
      if (pressed && pressed.name === "mine") {
        section.keepMine();
      } else if (pressed && pressed.name === "remove") {
        var card = pressed.closest("[data-card]"), number = card.querySelector("[data-count]").textContent;
        card.remove(); recount(); section.touched(); cardSaid(words.removed, number);
        document.getElementById("add-member").focus();
      } else if (pressed && pressed.name === "add") {
        if (cards.children.length >= Number(form.dataset.most)) return;
        var made = addCard(nextNumber());
        section.touched(); cardSaid(words.added, cards.children.length);
        made.querySelector("input:not([type=hidden])").focus();
      } else {
        if (section.conflict !== null) { section.box.focus(); return; }
        section.isDone = true;
        section.touched();
        section.send();
        if (section.name === "house" || !section.isStopped) show(ORDER[ORDER.indexOf(section.name) + 1]);
      }
    });
    grouping(form);
    form.querySelector("[data-theirs]").addEventListener("click", function (event) {
      event.preventDefault();
      sections[form.dataset.sectionForm].takeTheirs();
    });
  });
  Object.keys(sections).forEach(function (name) {
    var entry = kept.get(user, draft, name, sections[name].body());
    if (sections[name].box.dataset.version) { // the server's own page says so
      sections[name].conflict = sections[name].box.dataset.version;
      sections[name].isDirty = true;
      kept.put(user, draft, name, { body: sections[name].body() });
      return;
    }
    if (!entry) {
      if (isTypedAlready(sections[name].form)) sections[name].touched();
      return;
    }
    fill(sections[name], entry.body);
    sections[name].isDirty = true;
    sections[name].isWaiting = true;
    sections[name].send();
  });
  page.querySelectorAll("[data-grouped]").forEach(function (field) {
    if (field !== document.activeElement) group(field);
  });
  // a village that is the only one found is chosen by the answer itself
  document.body.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.querySelector("[name=region]:checked")) sections.family.touched();
  });
  document.querySelectorAll("[data-goto]").forEach(function (one) {
    one.addEventListener("click", function (event) {
      event.preventDefault();
      sendAll();
      show(one.dataset.goto);
    });
  });
  var toReview = document.querySelector('[data-section-status="review"] a');
  toReview.addEventListener("click", function (event) {
    event.preventDefault();
    show("review");
  });
  window.addEventListener("popstate", function () {
    var name = location.pathname.split("/").slice(-2)[0];
    if (sections[name]) show(name, true);
  });
  window.addEventListener("online", function () { sendAll().then(bar); });
  window.addEventListener("offline", bar);
  document.addEventListener("photos-changed", look);
  // a tab that is put away may never come back: what is typed goes at once
  document.addEventListener("visibilitychange", function () { if (document.hidden) sendAll(true); });
  window.addEventListener("pagehide", function () { sendAll(true); });
  bar();
  if (page.dataset.checking === "true") look();
  var summary = document.getElementById("error-summary"), conflict = page.querySelector("[data-conflict]:not([hidden])");
  marks();
  if (conflict) conflict.focus();
  else if (!summary.hidden && !location.hash) summary.focus();
  window.formSection = function (name) { return sections[name]; };
})();
