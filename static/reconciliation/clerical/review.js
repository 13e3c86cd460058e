/* Clerical review by keys: the next pair lies ready, an answer is sent while it is shown already.
   Without this script the same buttons and links lead from page to page. */
(function () {
  "use strict";

  var desk = document.getElementById("desk");
  if (!desk) return;
  var data = desk.dataset;
  var status = document.getElementById("review-status");
  var undo = document.getElementById("undo");
  var keys = document.getElementById("keys");
  var putOff = data.skip ? data.skip.split(",") : [];
  var before = []; // pairs that were shown, the last one last
  var ahead = null; // the promise of the next pair
  var isBusy = false;

  function pair() { return document.getElementById("pair"); }
  function current() { return pair().dataset.pair; }

  function ask(url, options) {
    var asked = Object.assign({ credentials: "same-origin" }, options);
    asked.headers = Object.assign({ "HX-Request": "true", "HX-Current-URL": location.href }, asked.headers);
    return fetch(url, asked).then(function (answer) {
      var to = answer.headers.get("HX-Redirect");
      if (to) { location.assign(to); throw new Error("signed out"); }
      return answer;
    });
  }

  function fetched(query) {
    return ask(data.address + "?pairing=" + data.pairing + query).then(function (answer) {
      if (answer.status === 204) return null;
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    });
  }

  function prepare() {
    ahead = fetched("&skip=" + putOff.concat(current()).slice(-50).join(","));
    ahead.catch(function () {}); // told when it is needed
  }

  function show(html) {
    var holder = document.createElement("template");
    holder.innerHTML = html;
    pair().replaceWith(holder.content.querySelector("#pair"));
    arrived();
  }

  /* What a pair needs once it stands on the page. */
  function arrived() {
    pair().querySelectorAll("[data-toggle], [data-help]").forEach(function (button) { button.hidden = false; });
    pair().querySelector("[data-back]").hidden = !before.length;
    history.replaceState(null, "", data.address + "?pairing=" + data.pairing + "&pair=" + current());
    pair().focus({ preventScroll: true });
    pair().scrollIntoView({ block: "nearest" });
  }

  function say(text, id) {
    status.textContent = text;
    if (!id) return;
    var link = document.createElement("a");
    link.href = data.page.replace("/0/", "/" + id + "/");
    link.textContent = data.look;
    status.append(" ", link);
  }

  /* Put the prepared pair in place; where there is none, the page says so. */
  function go(then) {
    var slow = setTimeout(function () { say(data.slow); }, 400);
    return ahead.then(function (html) {
      clearTimeout(slow);
      if (status.textContent === data.slow) say("");
      if (html === null) return then().then(function () { location.assign(data.address + "?pairing=" + data.pairing + (putOff.length ? "&skip=" + putOff.join(",") : "")); });
      before.push(current());
      show(html);
      return then();
    }).catch(function () { clearTimeout(slow); location.assign(data.address + "?pairing=" + data.pairing); });
  }

  function answer(form, button) {
    if (isBusy) return;
    isBusy = true;
    var old = pair(), id = current(), sent = new FormData(form);
    sent.append("verdict", button.value);
    go(function () {
      return ask(form.action, { method: "POST", body: sent }).then(function (answered) {
        if (!answered.ok) throw new Error(String(answered.status));
        return answered.json();
      }).then(function (told) {
        if (told.to) { location.assign(told.to); return; }
        if (told.refused) say(told.refused, id);
        else {
          say(told.said);
          undo.action = undo.dataset.address.replace("/0/", "/" + id + "/");
          undo.dataset.pair = id;
          undo.hidden = false;
        }
        isBusy = false;
        prepare();
      }).catch(function () {
        isBusy = false;
        before.pop();
        pair().replaceWith(old);
        arrived();
        say(data.lost);
        prepare();
      });
    });
  }

  function takeBack() {
    if (isBusy || undo.hidden) return;
    isBusy = true;
    ask(undo.action, { method: "POST", body: new FormData(undo) }).then(function (answered) {
      return answered.json();
    }).then(function (told) {
      undo.hidden = true;
      say(told.refused || told.said);
      if (told.refused) { isBusy = false; return null; }
      return fetched("&pair=" + told.pair).then(function (html) { show(html); isBusy = false; prepare(); });
    }).catch(function () { isBusy = false; undo.submit(); });
  }

  function forward() {
    if (isBusy) return;
    isBusy = true;
    putOff.push(current());
    go(function () { isBusy = false; prepare(); return Promise.resolve(); });
  }

  function back() {
    if (isBusy || !before.length) return;
    isBusy = true;
    fetched("&pair=" + before.pop()).then(function (html) {
      show(html);
      isBusy = false;
      putOff = putOff.filter(function (id) { return id !== current(); });
      prepare();
    }).catch(function () { isBusy = false; });
  }

  function toggle() { data.view = data.view === "fall" ? "sums" : "fall"; }

  var ACTS = { u: takeBack, j: forward, k: back, w: toggle, "?": function () { keys.showModal(); } };

  desk.addEventListener("keydown", function (event) {
    var at = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (at.closest("input, select, textarea, [contenteditable]")) return;
    var key = event.key.toLowerCase();
    var button = pair().querySelector("[data-answers] [data-key='" + (/^[a-z]$/.test(key) ? key : "-") + "']");
    if (button) { event.preventDefault(); answer(button.form, button); }
    else if (ACTS[key]) { event.preventDefault(); ACTS[key](); }
  });
  desk.addEventListener("submit", function (event) {
    if (!event.target.matches("[data-answers]") || !event.submitter) return;
    event.preventDefault();
    answer(event.target, event.submitter);
  });
  desk.addEventListener("click", function (event) {
    var at = event.target.closest("[data-next], [data-back], [data-toggle], [data-help]");
    if (!at || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (at.hasAttribute("data-next")) forward();
    else if (at.hasAttribute("data-back")) back();
    else if (at.hasAttribute("data-toggle")) toggle();
    else keys.showModal();
  });
  undo.addEventListener("submit", function (event) { event.preventDefault(); takeBack(); });

  arrived();
  prepare();
})();
