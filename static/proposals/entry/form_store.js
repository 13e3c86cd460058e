/* What could not be sent yet, kept on this device: removed on sending, on sign-out, after 24 hours,
   and as soon as somebody else is signed in. Each tab keeps its own: what one tab has sent is not
   what another one still holds. */
(function () {
  "use strict";
  var PREFIX = "draft:", LONGEST_MS = 24 * 3600 * 1000, TAB = "draft-tab";
  var tab = Date.now().toString(36) + Math.random().toString(36).slice(2), before = "";
  try {
    before = window.sessionStorage.getItem(TAB) || "";
    window.sessionStorage.setItem(TAB, tab);
  } catch (_closed) { before = ""; }

  function store() {
    try { return window.localStorage; } catch (_closed) { return null; }
  }
  function start(user, draft, section) { return PREFIX + user + ":" + draft + ":" + section + ":"; }
  function name(user, draft, section) { return start(user, draft, section) + tab; }
  function each(what) {
    var kept = store();
    if (!kept) return;
    Object.keys(kept).filter(function (key) { return key.indexOf(PREFIX) === 0; }).forEach(function (key) {
      var entry = null;
      try { entry = JSON.parse(kept.getItem(key)); } catch (_broken) { entry = null; }
      what(key, entry);
    });
  }

  /* The fields of a section without its version; numbers without the spaces that group them. */
  function typed(body) {
    var data = new URLSearchParams(body), fields = [];
    data.forEach(function (value, field) {
      var isNumber = /^[\d\s]*$/.test(value);
      if (field !== "version" && field !== "next") fields.push(field + "=" + (isNumber ? value.replace(/\s/g, "") : value.trim()));
    });
    return fields.join("&");
  }

  window.formStore = {
    put: function (user, draft, section, entry) {
      var kept = store();
      if (!kept) return false;
      entry.at = Date.now();
      try { kept.setItem(name(user, draft, section), JSON.stringify(entry)); } catch (_full) { return false; }
      return true;
    },
    /* What this tab kept before it was loaded again, else the newest of another one: now its own.
       What equals `saved`, the section's fields as the server has them, was sent by a tab that was
       closed before it had the answer: it is removed, and hides no other tab's text. */
    get: function (user, draft, section, saved) {
      var found = null, mine = start(user, draft, section) + before;
      each(function (key, entry) {
        if (!entry || key.indexOf(start(user, draft, section)) !== 0) return;
        if (typed(entry.body) === typed(saved)) { store().removeItem(key); return; }
        if (found && found.key === mine) return;
        if (key === mine || !found || entry.at > found.entry.at) found = { key: key, entry: entry };
      });
      if (!found) return null;
      store().removeItem(found.key);
      store().setItem(name(user, draft, section), JSON.stringify(found.entry));
      return found.entry;
    },
    drop: function (user, draft, section) {
      var kept = store();
      if (kept) kept.removeItem(name(user, draft, section));
    },
    /* Old entries, and those of other people. */
    tidy: function (user) {
      each(function (key, entry) {
        var isMine = key.indexOf(PREFIX + user + ":") === 0;
        if (!isMine || !entry || Date.now() - entry.at > LONGEST_MS) store().removeItem(key);
      });
    },
    clear: function () { each(function (key) { store().removeItem(key); }); },
  };

  document.querySelectorAll('form[action$="/logout/"]').forEach(function (form) {
    form.addEventListener("submit", window.formStore.clear);
  });
  var page = document.querySelector("[data-user]");
  if (page) window.formStore.tidy(page.dataset.user);
})();
