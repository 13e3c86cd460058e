/* Tells the page what changed, without a reload.

   <body> or an element has:
     data-events      address of the events (a stream, or JSON for a page that asks)
     data-events-last number of the last event that the page shows
     data-zone        time zone in which times are written
   #board may have data-board-events: the address of the events of what it shows now.
   An element with data-lost-words is shown while the line is lost; {time} in its words is when something
   was heard last.
   Events on <body>:
     live:changed {kind, subject, data}   something changed; htmx: hx-trigger="live:changed from:body"
     live:feed    {data}                  how a feed is (times.js shows it; nothing is asked for)
     live:tick                            the page is to be read again: every 10 s while there is no
                                          stream or it could not be read, every 10
                                          minutes beside one
     live:state   {state}                 stream, poll or lost; also in data-live
     live:words                           the words about a lost line came or went
     live:part                            the board is about to be replaced by one that came with the stream
   The stream says of which kinds the board follows by itself (adr/0032); after others, and where none
   comes in time, the page is told to read it.
   A line that breaks is opened again by the browser and continues after the last event. One on which
   nothing is heard any more, not even the sign of life of every 15 s, is opened again from here.
   Where streams are refused, the page asks every few seconds and tries a stream again later. */
(function () {
  "use strict";
  var POLL_MS = 5000, AGAIN_MS = 60000, SILENT_MS = 40000, TICK_MS = 10000, SLOW_MS = 600000, ANSWER_MS = 20000, SPREAD_MS = 2000, BACK_MS = 10000, BUSY_MS = 300, BUSY_TRIES = 8, PART_MS = 4000, OWN_TOKEN = "0".repeat(64);
  var element = document.querySelector("[data-events]");
  if (!element) return;
  var last = Number(element.dataset.eventsLast || 0);
  var source = null, watchdog = null, seen = {};
  // the kinds of events after which the board comes, the event whose board is waited for
  var parts = [], awaited = 0, overdue = null;
  // each stream ends what the one before it left to be done later
  var turn = 0, opened = "";
  var heardAt = Date.now(), readAt = Date.now(), isUnread = false, wasAway = false, tries = 0;
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
    // what was missed comes; all of it is read again later, as other boards come back now, too
    if (before === "lost") later(function () { tell("tick"); }, Math.random() * BACK_MS);
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
    if (event.kind === "reload") {
      window.setTimeout(function () { tell("changed", event); }, Math.random() * SPREAD_MS);
      return;
    }
    if (event.kind === "wall") { leaveIfOver(); return; }
    if (event.kind === "ended") { leave(); return; }
    if (seen[event.id]) return;
    seen[event.id] = true;
    last = Math.max(last, event.id);
    if (parts.indexOf(event.kind) >= 0) awaitPart(event);
    else tell(event.kind === "feed" ? "feed" : "changed", event);
  }
  function awaitPart(event) {
    awaited = Math.max(awaited, event.id);
    window.clearTimeout(overdue);
    overdue = window.setTimeout(function () { tell("changed", event); }, PART_MS * (1 + Math.random()));
  }
  function board() { return document.getElementById("board") || document.getElementById("content"); }
  function showPart(part) {
    if (part.upto >= awaited) window.clearTimeout(overdue);
    if (part.html === null || !window.htmx) {
      // not all at once: it could not be made because the portal is busy
      window.setTimeout(function () { tell("changed", { kind: "part" }); }, Math.random() * SPREAD_MS);
      return;
    }
    var shown = board();
    window.htmx.trigger(shown, "htmx:abort");
    tell("part");
    window.htmx.swap(shown, part.html.split(OWN_TOKEN).join(window.portal ? window.portal.csrfToken() : ""),
      { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 20, ignoreTitle: true }, { select: "#" + shown.id });
    wasRead();
  }
  function address() {
    var shown = document.querySelector("[data-board-events]");
    return shown ? shown.dataset.boardEvents : element.dataset.events;
  }
  function withLast() { return address() + (address().indexOf("?") < 0 ? "?" : "&") + "after=" + last; }
  function isOver(answer) { return answer.status === 401 || answer.status === 403 || answer.redirected; }
  function ask() {
    return fetch(withLast(), {
      credentials: "same-origin", headers: { "X-Poll": "1" }, signal: AbortSignal.timeout(ANSWER_MS)
    });
  }
  function leaveIfOver() {
    // one of the screens on the wall was ended: perhaps this one
    if (!element.classList.contains("board-wall")) return;
    ask().then(function (answer) { if (isOver(answer)) window.location.reload(); }).catch(function () {});
  }
  function later(act, ms) {
    var mine = turn;
    window.setTimeout(function () { if (mine === turn) act(); }, ms);
  }

  function leave() {
    // a portal that is away must not replace the board by an error page from which nothing comes back
    source.close();
    window.clearTimeout(watchdog);
    ask().then(function (answer) {
      if (isOver(answer)) window.location.reload();
      else later(stream, POLL_MS);
    }).catch(function () { state("lost"); later(stream, POLL_MS); });
  }
  function stream() {
    turn += 1;
    if (source) source.close();
    opened = address();
    source = new EventSource(withLast());
    watch();
    source.addEventListener("hello", function (message) {
      parts = JSON.parse(message.data).parts || [];
    });
    source.addEventListener("part", function (message) { heard(); showPart(JSON.parse(message.data)); });
    source.onopen = function () { heard(); state("stream"); };
    source.addEventListener("alive", heard);
    source.onerror = function () {
      if (source.readyState !== EventSource.CLOSED) { state("lost"); return; }
      window.clearTimeout(watchdog);
      poll();
      later(stream, AGAIN_MS);
    };
    ["hazard", "plan", "call", "stock", "feed", "shift", "report", "wall", "reload", "ended"].forEach(function (kind) {
      source.addEventListener(kind, function (message) { heard(); take(JSON.parse(message.data)); });
    });
  }
  function heard() { heardAt = Date.now(); watch(); }
  function watch() {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(function () { state("lost"); stream(); }, SILENT_MS);
  }
  function poll() {
    var mine = turn;
    parts = [];
    ask().then(function (answer) {
      if (isOver(answer)) { window.location.reload(); return null; }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (found) {
      if (!found || mine !== turn) return;
      heardAt = Date.now();
      state("poll");
      if (found.reload) take({ kind: "reload" });
      found.events.forEach(take);
      last = Math.max(last, found.last);
      // the portal is back: a stream at once, and not all boards in the same moment
      if (wasAway) later(stream, Math.random() * SPREAD_MS);
      wasAway = false;
    }).catch(function () {
      if (mine !== turn) return;
      wasAway = true;
      state("lost");
    }).then(function () { if (mine === turn) later(poll, POLL_MS * (0.8 + 0.4 * Math.random())); });
  }

  window.setInterval(function () {
    // a board that could not be read is tried again soon, whether the stream is there or not
    var pause = element.dataset.live === "stream" && !isUnread ? slow : TICK_MS;
    if (Date.now() - readAt < pause - 500) return;
    tell("tick");
  }, TICK_MS);
  // a fragment of its own (a call, a menu) says nothing about the board; what the event is sent to may be
  // the parent of a board that was replaced
  function isBoard(event) {
    var read = event.detail.target;
    return Boolean(read) && (read.id === "board" || read.id === "content");
  }
  function wasRead() {
    readAt = Date.now();
    isUnread = false;
    tries = 0;
    words();
    // it shows another hazard now: its stream, later, as other boards do the same
    if (element.dataset.live === "stream" && address() !== opened) {
      later(function () { if (address() !== opened) stream(); }, Math.random() * SPREAD_MS);
    }
  }
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.successful && isBoard(event)) wasRead();
  });
  document.addEventListener("htmx:configRequest", function (event) {
    // boards that are told of the same share what is made for it
    if (isBoard(event) && element.dataset.live === "stream") event.detail.headers["X-Told"] = String(last);
  });
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!isBoard(event)) return;
      // the portal has too much to do at once, as when all boards read themselves: again in a moment
      if (event.detail.xhr && event.detail.xhr.status === 503 && tries < BUSY_TRIES) {
        tries += 1;
        window.setTimeout(function () { tell("tick"); }, BUSY_MS * (1 + 2 * Math.random()));
        return;
      }
      isUnread = true;
      words();
    });
  });
  if (window.EventSource) stream(); else poll();
})();
