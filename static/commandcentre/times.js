/* Times of a board that go on without asking: its clock, how long ago events were, how its feeds are.

     data-clock   seconds since 1970 at the portal when the element was drawn; shown as time of now
     data-since   the same of an event; shown as "4 minutes ago", or "in 2 hours"
     data-feed    name of a feed, with data-stale-at (seconds), data-late (class of a stale one) and
                  data-code (why it gives nothing); inside, data-answered and data-stale
   data-format is day, minutes or seconds. */
(function () {
  "use strict";
  var language = document.documentElement.lang || "id", ahead = new WeakMap();
  var zone = (document.querySelector("[data-zone]") || document.body).dataset.zone || undefined;
  var PARTS = {
    day: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
    minutes: { hour: "2-digit", minute: "2-digit" },
    seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" }
  };
  var formats = {}, ages = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  // the portal's clock is ahead of this machine's by so many milliseconds
  var difference = 0;

  function text(ms, format) {
    if (!formats[format]) {
      formats[format] = new Intl.DateTimeFormat(language, Object.assign({ timeZone: zone, hourCycle: "h23" }, PARTS[format]));
    }
    return formats[format].format(ms).replace(",", "");
  }
  function age(seconds) {
    var way = seconds < 0 ? 1 : -1, minutes = Math.floor(Math.abs(seconds) / 60);
    if (minutes < 60) return ages.format(way * minutes, "minute");
    if (minutes < 2880) return ages.format(way * Math.floor(minutes / 60), "hour");
    return ages.format(way * Math.floor(minutes / 1440), "day");
  }
  function put(element, words) { if (element.textContent !== words) element.textContent = words; }

  function turn() {
    document.querySelectorAll("[data-clock]").forEach(function (clock) {
      if (!ahead.has(clock)) ahead.set(clock, Number(clock.dataset.clock) * 1000 - Date.now());
      difference = ahead.get(clock);
      put(clock, text(Date.now() + difference, clock.dataset.format));
    });
    var now = (Date.now() + difference) / 1000;
    document.querySelectorAll("[data-since]").forEach(function (one) { put(one, age(now - Number(one.dataset.since))); });
    document.querySelectorAll("[data-stale-at]").forEach(function (feed) {
      if (now > Number(feed.dataset.staleAt)) stale(feed, true);
    });
  }
  function stale(feed, is) {
    var mark = feed.querySelector("[data-stale]");
    feed.classList.toggle(feed.dataset.late, is);
    if (mark) mark.hidden = !is;
  }
  document.body.addEventListener("live:feed", function (event) {
    var told = event.detail.data, feed = document.querySelector('[data-feed="' + CSS.escape(told.feed) + '"]');
    if (!feed) return;
    var answered = feed.querySelector("[data-answered]");
    if (told.code !== feed.dataset.code || told.answered && !answered) {
      // its words change
      document.body.dispatchEvent(new CustomEvent("live:changed", { bubbles: true, detail: event.detail }));
      return;
    }
    if (!told.answered) return;
    put(answered, text(told.answered * 1000, answered.dataset.format));
    feed.dataset.staleAt = String(told.stale);
    stale(feed, false);
    turn();
  });
  turn();
  window.setInterval(turn, 1000);
  document.body.addEventListener("htmx:afterSwap", turn);
})();
