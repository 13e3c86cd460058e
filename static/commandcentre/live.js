/* Tells the page what changed, without a reload.

   <body> or an element has:
     data-events      address of the events (a stream, or JSON for a page that asks)
     data-events-last number of the last event that the page shows
   Events on <body>:
     live:changed {kind, subject, data}   something changed; htmx: hx-trigger="live:changed from:body"
     live:state   {state}                 stream, poll or lost; also in data-live
   A line that breaks is opened again by the browser and continues after the last event. One on which
   nothing is heard any more, not even the sign of life of every 15 s, is opened again from here.
   Where streams are refused, the page asks every few seconds and tries a stream again later. */
(function () {
  "use strict";
  var POLL_MS = 5000, AGAIN_MS = 60000, SILENT_MS = 40000;
  var element = document.querySelector("[data-events]");
  if (!element) return;
  var address = element.dataset.events, last = Number(element.dataset.eventsLast || 0);
  var source = null, timer = null, watchdog = null, seen = {};

  function tell(name, detail) {
    document.body.dispatchEvent(new CustomEvent("live:" + name, { bubbles: true, detail: detail }));
  }
  function state(now) {
    if (element.dataset.live === now) return;
    element.dataset.live = now;
    tell("state", { state: now });
  }
  function take(event) {
    if (event.kind === "reload") { tell("changed", event); return; }
    if (event.kind === "ended") { window.location.reload(); return; }
    if (seen[event.id]) return;
    seen[event.id] = true;
    last = Math.max(last, event.id);
    tell("changed", event);
  }
  function withLast() { return address + (address.indexOf("?") < 0 ? "?" : "&") + "after=" + last; }

  function stream() {
    window.clearTimeout(timer);
    source = new EventSource(withLast());
    heard();
    source.onopen = function () { state("stream"); heard(); };
    source.addEventListener("alive", heard);
    source.onerror = function () {
      if (source.readyState !== EventSource.CLOSED) { state("lost"); return; }
      window.clearTimeout(watchdog);
      poll();
      window.setTimeout(stream, AGAIN_MS);
    };
    ["hazard", "plan", "call", "stock", "feed", "shift", "report", "reload", "ended"].forEach(function (kind) {
      source.addEventListener(kind, function (message) { heard(); take(JSON.parse(message.data)); });
    });
  }
  function heard() {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(function () { state("lost"); source.close(); stream(); }, SILENT_MS);
  }
  function poll() {
    window.clearTimeout(timer);
    fetch(withLast(), { credentials: "same-origin", headers: { "X-Poll": "1" } }).then(function (answer) {
      if (answer.status === 401 || answer.status === 403 || answer.redirected) { window.location.reload(); return null; }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (found) {
      if (!found) return;
      state("poll");
      if (found.reload) take({ kind: "reload" });
      found.events.forEach(take);
      last = Math.max(last, found.last);
    }).catch(function () { state("lost"); }).then(function () { timer = window.setTimeout(poll, POLL_MS); });
  }
  if (window.EventSource) stream(); else poll();
})();
