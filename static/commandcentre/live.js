/* Tells the page what changed, without a reload.

   <body> or an element has:
     data-events      address of the events (a stream, or JSON for a page that asks)
     data-events-last number of the last event that the page shows
     data-zone        time zone in which times are written
   An element with data-lost-words is shown while the line is lost; {time} in its words is when something
   was heard last.
   Events on <body>:
     live:changed {kind, subject, data}   something changed; htmx: hx-trigger="live:changed from:body"
     live:feed    {data}                  how a feed is (times.js shows it; nothing is asked for)
     live:tick                            the page is to be read again: every 10 s while there is no
                                          stream, every 10 minutes beside one
     live:state   {state}                 stream, poll or lost; also in data-live
     live:words                           the words about a lost line came or went
   A line that breaks is opened again by the browser and continues after the last event. One on which
   nothing is heard any more, not even the sign of life of every 15 s, is opened again from here.
   Where streams are refused, the page asks every few seconds and tries a stream again later. */
(function () {
  "use strict";
  var POLL_MS = 5000, AGAIN_MS = 60000, SILENT_MS = 40000, TICK_MS = 10000, SLOW_MS = 600000;
  var element = document.querySelector("[data-events]");
  if (!element) return;
  var address = element.dataset.events, last = Number(element.dataset.eventsLast || 0);
  var source = null, timer = null, watchdog = null, seen = {};
  var heardAt = Date.now(), readAt = Date.now(), isUnread = false;
  // boards that were opened together do not ask together
  var slow = SLOW_MS * (0.8 + 0.4 * Math.random());

  function tell(name, detail) {
    document.body.dispatchEvent(new CustomEvent("live:" + name, { bubbles: true, detail: detail }));
  }
  function state(now) {
    var before = element.dataset.live;
    if (before === now) return;
    element.dataset.live = now;
    tell("state", { state: now });
    words();
    // what came while nothing was heard may not be known as events any more
    if (before === "lost") tell("changed", { kind: "reload" });
  }
  function time(ms) {
    var options = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
    if (element.dataset.zone) options.timeZone = element.dataset.zone;
    return new Intl.DateTimeFormat(document.documentElement.lang || "id", options).format(ms);
  }
  function words() {
    var isLost = element.dataset.live === "lost" || isUnread;
    document.querySelectorAll("[data-lost-words]").forEach(function (note) {
      if (isLost && note.hidden) note.textContent = note.dataset.lostWords.replace("{time}", time(Math.min(heardAt, readAt)));
      if (note.hidden === isLost) { note.hidden = !isLost; tell("words"); }
    });
  }
  function take(event) {
    if (event.kind === "reload") { tell("changed", event); return; }
    if (event.kind === "ended") { leave(); return; }
    if (seen[event.id]) return;
    seen[event.id] = true;
    last = Math.max(last, event.id);
    tell(event.kind === "feed" ? "feed" : "changed", event);
  }
  function withLast() { return address + (address.indexOf("?") < 0 ? "?" : "&") + "after=" + last; }
  function isOver(answer) { return answer.status === 401 || answer.status === 403 || answer.redirected; }
  function ask() { return fetch(withLast(), { credentials: "same-origin", headers: { "X-Poll": "1" } }); }

  function leave() {
    // a portal that is away must not replace the board by an error page from which nothing comes back
    source.close();
    ask().then(function (answer) {
      if (isOver(answer)) window.location.reload();
      else window.setTimeout(stream, POLL_MS);
    }).catch(function () { state("lost"); window.setTimeout(stream, POLL_MS); });
  }
  function stream() {
    window.clearTimeout(timer);
    source = new EventSource(withLast());
    watch();
    source.onopen = function () { heard(); state("stream"); };
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
  function heard() { heardAt = Date.now(); watch(); }
  function watch() {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(function () { state("lost"); source.close(); stream(); }, SILENT_MS);
  }
  function poll() {
    window.clearTimeout(timer);
    ask().then(function (answer) {
      if (isOver(answer)) { window.location.reload(); return null; }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (found) {
      if (!found) return;
      heardAt = Date.now();
      state("poll");
      if (found.reload) take({ kind: "reload" });
      found.events.forEach(take);
      last = Math.max(last, found.last);
    }).catch(function () { state("lost"); }).then(function () { timer = window.setTimeout(poll, POLL_MS); });
  }

  window.setInterval(function () {
    if (Date.now() - readAt < (element.dataset.live === "stream" ? slow : TICK_MS) - 500) return;
    tell("tick");
  }, TICK_MS);
  document.addEventListener("htmx:afterRequest", function (event) {
    // a fragment of its own (a call, a menu) says nothing about the board
    if (!event.detail.successful || event.target.id !== "board" && event.target.id !== "content") return;
    readAt = Date.now();
    isUnread = false;
    words();
  });
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function () { isUnread = true; words(); });
  });
  if (window.EventSource) stream(); else poll();
})();
