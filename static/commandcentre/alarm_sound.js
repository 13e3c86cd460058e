/* The sound of alarms that wait for a person, made here (no file). It is off until the operator allows it
   by a click, which browsers ask for anyway, and can be muted for ten minutes, not for ever. What is
   heard is also seen: the note of the alarms and the title of the tab. */
(function () {
  "use strict";
  var box = document.getElementById("desk-sound");
  var Context = window.AudioContext || window.webkitAudioContext;
  if (!box || !Context) return;
  var MUTE_MS = 600000, EVERY_MS = 4000, ALLOWED = "portal-alarm-sound", MUTED = "portal-alarm-muted";
  var allow = box.querySelector("[data-allow]"), mute = box.querySelector("[data-mute]"), words = box.querySelector("[data-words]");
  var context = null, title = document.title;

  function read(name) { try { return localStorage.getItem(name); } catch (_error) { return null; } }
  function write(name, value) { try { localStorage.setItem(name, value); } catch (_error) { /* asked again next time */ } }
  function mutedUntil() { return Number(read(MUTED) || 0); }
  function isMuted() {
    var until = mutedUntil();
    // a clock that was set back does not mute for longer
    return until > Date.now() && until <= Date.now() + MUTE_MS;
  }
  function isAllowed() { return Boolean(context) && context.state === "running"; }
  function alarms() {
    var note = document.getElementById("alarms");
    return note ? note.dataset.alarms.trim().split(/\s+/).filter(Boolean).length : 0;
  }

  function beep(at, hertz) {
    var tone = context.createOscillator(), loudness = context.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.25, at + 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + 0.35);
    tone.connect(loudness);
    loudness.connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  }

  function show() {
    var count = alarms(), note = document.getElementById("alarms"), sounds = count > 0 && isAllowed() && !isMuted();
    document.title = (count ? "▲ " + count + " – " : "") + title;
    if (note) note.classList.toggle("sounds", sounds);
    box.dataset.sounds = String(sounds);
    allow.hidden = isAllowed();
    mute.hidden = !isAllowed() || isMuted();
    if (!isAllowed()) words.textContent = box.dataset.off;
    else if (isMuted()) {
      var time = new Date(mutedUntil()).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      words.textContent = box.dataset.muted.replace("{time}", time);
    } else words.textContent = box.dataset.on;
    return sounds;
  }

  function turn() {
    if (!show()) return;
    beep(context.currentTime + 0.02, 880);
    beep(context.currentTime + 0.47, 660);
  }

  function begin() {
    context = context || new Context();
    return context.resume().then(turn, show);
  }
  allow.addEventListener("click", function () {
    write(ALLOWED, "yes");
    begin();
  });
  mute.addEventListener("click", function () {
    write(MUTED, String(Date.now() + MUTE_MS));
    show();
  });
  // allowed before: the first click or key on this page is enough
  if (read(ALLOWED) === "yes") {
    begin();
    ["pointerdown", "keydown"].forEach(function (name) {
      document.addEventListener(name, function () { if (!isAllowed()) begin(); }, { once: true });
    });
  }
  document.body.addEventListener("htmx:afterSwap", show);
  window.setInterval(turn, EVERY_MS);
  box.hidden = false;
  show();
})();
