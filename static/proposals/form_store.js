/* What could not be sent yet, kept on this device: removed on sending, on sign-out, after 24 hours,
   and as soon as somebody else is signed in. */
(function () {
  "use strict";
  var PREFIX = "draft:", LONGEST_MS = 24 * 3600 * 1000;

  function store() {
    try { return window.localStorage; } catch (_closed) { return null; }
  }
  function name(user, draft, section) { return PREFIX + user + ":" + draft + ":" + section; }
  function each(what) {
    var kept = store();
    if (!kept) return;
    Object.keys(kept).filter(function (key) { return key.indexOf(PREFIX) === 0; }).forEach(function (key) {
      var entry = null;
      try { entry = JSON.parse(kept.getItem(key)); } catch (_broken) { entry = null; }
      what(key, entry);
    });
  }

  window.formStore = {
    put: function (user, draft, section, entry) {
      var kept = store();
      if (!kept) return false;
      entry.at = Date.now();
      try { kept.setItem(name(user, draft, section), JSON.stringify(entry)); } catch (_full) { return false; }
      return true;
    },
    get: function (user, draft, section) {
      var kept = store(), text = kept && kept.getItem(name(user, draft, section));
      return text ? JSON.parse(text) : null;
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
