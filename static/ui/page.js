/* What every page has: days in one writing, and what its other scripts share, as window.portal. One
   file for both, as each further one costs a slow line a request. It is deferred: a script at the end
   of a page runs before it and may use window.portal in functions only, not at once. */
(function () {
  "use strict";

  /* --- days: 1/2/2000, 01022000 and 2000-02-01 become 01-02-2000 when the field is left; what is no
     day stays as it was typed, and the server says what is wrong with it --- */
  var DAY_FIRST = /^(\d{1,2})[-\/. ](\d{1,2})[-\/. ](\d{4})$/, DIGITS = /^(\d\d)(\d\d)(\d{4})$/;
  var YEAR_FIRST = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

  function two(number) { return ("0" + number).slice(-2); }
  function written(text) {
    var found = text.match(DAY_FIRST) || text.match(DIGITS);
    if (found) return two(found[1]) + "-" + two(found[2]) + "-" + found[3];
    found = text.match(YEAR_FIRST);
    return found ? two(found[3]) + "-" + two(found[2]) + "-" + found[1] : text;
  }
  // before anybody else hears of the change, so that what is saved is what stands there
  document.addEventListener("change", function (event) {
    if (event.target.matches("input[data-day]")) event.target.value = written(event.target.value.trim());
  }, true);

  /* --- words --- */

  /* A text with its {names} filled in. Numbers are written in `language`, where one is given; a value
     that is not there, as a count that this person may not see, is "*". */
  function fill(text, values, language) {
    return (text || "").replace(/\{(\w+)\}/g, function (_all, name) {
      var value = values[name];
      if (value === undefined) return "*";
      return typeof value === "number" && language ? value.toLocaleString(language) : value;
    });
  }
  /* The same for a text of an element's dataset, which names the language. */
  function say(words, name, values) { return fill(words[name], values, words.language); }

  /* --- elements --- */

  /* What a map tells about one thing: a name, and a line about it. */
  function describe(name, about) {
    var box = document.createElement("div"), title = document.createElement("b"), line = document.createElement("div");
    title.textContent = name;
    line.textContent = about || "";
    box.append(title, line);
    return box;
  }
  /* Where a map's data is from, instead of what `former` said. Leaflet takes this as HTML. */
  function attribute(map, text, former) {
    var control = map.attributionControl;
    if (control && former) control.removeAttribution(escaped(former));
    if (control && text) control.addAttribution(escaped(text));
  }
  function escaped(text) {
    var box = document.createElement("span");
    box.textContent = text;
    return box.innerHTML;
  }
  /* The editions that the boundaries of a map are from; `words` has `edition` and `indicative`. */
  function attributeEditions(map, features, words) {
    var names = new Set(features.map(function (one) { return one.properties.edition; }));
    if (names.size) attribute(map, words.edition + " " + Array.from(names).sort().join(", ") + " · " + words.indicative);
  }
  function loadScript(address) {
    return new Promise(function (done, failed) {
      var made = document.createElement("script");
      made.src = address; made.onload = done; made.onerror = failed;
      document.head.append(made);
    });
  }
  function loadStyle(address) {
    var made = document.createElement("link");
    made.rel = "stylesheet"; made.href = address;
    document.head.append(made);
  }

  /* --- requests --- */

  /* The JSON of an address, for maps. Rejects what is no answer, or none with 2xx. */
  function loadJson(address, headers) {
    return fetch(address, {
      credentials: "same-origin", headers: Object.assign({ Accept: "application/json" }, headers),
    }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
  }
  /* A fragment by htmx, begun by a script. `how`: `target` and `swap` (else the text is for the
     script alone), `values`. Resolves with the text once it is in place; rejects with the status,
     after a while also where the answer leads to another page and the person stays on this one. */
  var LEAVES_MS = 2000;
  function loadFragment(verb, address, how) {
    var source = document.createElement("span"), given = Object.assign({ source: source, swap: "none" }, how);
    source.hidden = true;
    document.body.append(source);
    return new Promise(function (done, failed) {
      source.addEventListener("htmx:afterRequest", function (event) {
        var answer = event.detail.xhr, wrong = new Error(String(answer.status));
        source.remove();
        if (event.detail.successful) done(answer.responseText);
        else if (answer.getResponseHeader("HX-Redirect")) window.setTimeout(function () { failed(wrong); }, LEAVES_MS);
        else failed(wrong);
      });
      window.htmx.ajax(verb, address, given).catch(failed);
    });
  }
  /* The token for a POST. The cookie has that of the session that is open now, perhaps in another
     tab; the page has that of its own. */
  function csrfToken() {
    var found = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : document.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  /* --- work that a page waits for (templates/jobs/_polls.html): what is not answered is asked again,
     and the page says so; the answer replaces the words with what it is about --- */
  var ASK_AGAIN_MS = 5000, SLOWEST_MS = 30000;
  function unanswered(event) {
    var poll = event.target, words;
    if (!(poll instanceof Element) || !poll.dataset.unanswered) return;
    var tries = Number(poll.dataset.tries || 0) + 1;
    poll.dataset.tries = tries;
    if (tries === 1) {
      words = document.createElement("p");
      words.className = "note";
      words.setAttribute("role", "status");
      words.textContent = poll.dataset.unanswered;
      (poll.querySelector("td:last-child") || poll).append(words);
    }
    // pages that lost the portal together do not come back together
    var pause = Math.min(tries * ASK_AGAIN_MS, SLOWEST_MS) * (0.8 + 0.4 * Math.random());
    window.setTimeout(function () { if (poll.isConnected) window.htmx.trigger(poll, "poll:again"); }, pause);
  }
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, unanswered);
  });

  /* --- <form data-once>: sent once, however often its button is pressed --- */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!("once" in form.dataset) || event.defaultPrevented) return;
    if (form.dataset.once === "sent") { event.preventDefault(); return; }
    setSent(form, "sent");
  });
  function setSent(form, state) {
    form.dataset.once = state;
    form.querySelectorAll("button").forEach(function (button) {
      if (state) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
    });
  }
  // the page comes back as it was left
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-once=sent]").forEach(function (form) { setSent(form, ""); });
  });

  window.portal = {
    fill: fill, say: say, describe: describe, attribute: attribute, attributeEditions: attributeEditions,
    loadScript: loadScript, loadStyle: loadStyle, loadJson: loadJson, loadFragment: loadFragment, csrfToken: csrfToken,
  };
})();
