/* Clerical review by keys: the next pair lies ready, an answer is sent while it is shown already.
   Without this script the same buttons and links lead from page to page. */
(function () {
  "use strict";

  var desk = document.getElementById("desk");
  if (!desk) return;
  var data = desk.dataset;
  var line = document.querySelector(".review-line");
  var status = document.getElementById("review-status");
  var keys = document.getElementById("keys");
  var putOff = data.skip ? data.skip.split(",") : [];
  var before = []; // pairs that were shown, the last one last
  var ahead = null; // the promise of the next pair
  var isBusy = false;

  function pair() { return document.getElementById("pair"); }
  function undo() { return document.getElementById("undo"); }
  function current() { return pair().dataset.pair; }

  /* One request, which puts what it brings for the status line and the undo button in place. */
  function request(verb, url, values) { return window.portal.loadFragment(verb, url, { values: values }); }

  /* The requested or the next pair; "" where none waits. */
  function fetched(values) {
    return request("GET", data.address, Object.assign({ pairing: data.pairing }, values));
  }

  function prepare() {
    ahead = fetched({ skip: putOff.concat(current()).slice(-50).join(",") });
    ahead.catch(function () {}); // told when it is needed
  }

  function show(html) {
    htmx.swap(pair(), html, { swapStyle: "outerHTML" });
    arrived();
  }

  /* What a pair needs once it is on the page. */
  function arrived() {
    pair().querySelectorAll("[data-toggle], [data-help]").forEach(function (button) { button.hidden = false; });
    pair().querySelector("[data-back]").hidden = !before.length;
    history.replaceState(null, "", data.address + "?pairing=" + data.pairing + "&pair=" + current());
    pair().focus({ preventScroll: true });
    pair().scrollIntoView({ block: "nearest" });
  }

  /* Put the prepared pair in place; where there is none, the page says so. */
  function go(then) {
    var slow = setTimeout(function () { status.textContent = data.slow; }, 400);
    return ahead.then(function (html) {
      clearTimeout(slow);
      if (status.textContent === data.slow) status.textContent = "";
      if (!html) return then().then(function () { location.assign(data.address + "?pairing=" + data.pairing + (putOff.length ? "&skip=" + putOff.join(",") : "")); });
      before.push(current());
      show(html);
      return then();
    }).catch(function () { clearTimeout(slow); location.assign(data.address + "?pairing=" + data.pairing); });
  }

  function answer(form, button) {
    if (isBusy) return;
    isBusy = true;
    var old = pair(), sent = new FormData(form);
    sent.append("outcome", button.value);
    go(function () {
      return request("POST", form.action, sent).then(function () {
        isBusy = false;
        prepare();
      }).catch(function () {
        isBusy = false;
        before.pop();
        pair().replaceWith(old);
        arrived();
        status.textContent = data.lost;
        prepare();
      });
    });
  }

  /* The undo button is a form of htmx: its answer brings the pair again. */
  function takeBack() {
    if (!isBusy && !undo().hidden) undo().requestSubmit();
  }
  var shown = null; // the pair on the page when an undo was sent
  line.addEventListener("htmx:beforeRequest", function (event) {
    if (isBusy) { event.preventDefault(); return; }
    isBusy = true;
    shown = pair();
  });
  line.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    isBusy = false;
    if (!event.detail.successful) undo().submit();
    else if (pair() !== shown) { arrived(); prepare(); }
  });

  function forward() {
    if (isBusy) return;
    isBusy = true;
    putOff.push(current());
    go(function () { isBusy = false; prepare(); return Promise.resolve(); });
  }

  function back() {
    if (isBusy || !before.length) return;
    isBusy = true;
    fetched({ pair: before.pop() }).then(function (html) {
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

  arrived();
  prepare();
})();
