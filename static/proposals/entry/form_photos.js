/* Photos of the house: kept on this device until they are sent, sent in parts, gone on after a cut.
   The list of those that are here is a fragment; the parts are JSON and by fetch, because htmx sends
   the fields of a form and not a piece of a file as the body, and would leave the page for the sign-in
   while photos wait. Without this script the form sends whole files. */
(function () {
  "use strict";
  var page = document.getElementById("form"), form = document.getElementById("photo-form");
  var queue = document.getElementById("photo-queue"), list = document.getElementById("photo-list");
  if (!page || !form || !("indexedDB" in window)) return;
  var words = document.getElementById("form-words").dataset, portal = window.portal;
  var user = page.dataset.user, draft = page.dataset.draft, kind = document.getElementById("photo-kind");
  var PART_BYTES = 131072, RETRY_MS = 5000, LONGEST_MS = 24 * 3600 * 1000, DATABASE = "house-photos", STORE = "waiting";
  var waiting = [], isSending = false, isStopped = false, timer = 0;

  function address(photo, end) { return form.action + "parts/" + photo.key + "/" + (end || ""); }
  function key() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    var hex = Array.prototype.map.call(bytes, function (one) { return one.toString(16).padStart(2, "0"); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /* --- kept on this device -------------------------------------------------------------------- */
  var opened = new Promise(function (done) {
    var asked;
    try { asked = window.indexedDB.open(DATABASE, 1); } catch (_closed) { done(null); return; }
    asked.onupgradeneeded = function () { asked.result.createObjectStore(STORE, { keyPath: "key" }); };
    asked.onsuccess = function () { done(asked.result); };
    asked.onerror = function () { done(null); };
  });
  function stored(mode, work) {
    return opened.then(function (base) {
      if (!base) return null;
      return new Promise(function (done) {
        var step, asked;
        try {
          step = base.transaction(STORE, mode);
          asked = work(step.objectStore(STORE));
        } catch (_full) { done(null); return; }
        step.oncomplete = function () { done(asked ? asked.result : null); };
        step.onerror = step.onabort = function () { done(null); };
      });
    });
  }
  function keep(photo) {
    stored("readwrite", function (store) {
      return store.put({ key: photo.key, user: user, draft: draft, kind: photo.kind, name: photo.name, file: photo.file, at: photo.at });
    });
  }
  function forget(photo) { stored("readwrite", function (store) { return store.delete(photo.key); }); }
  function recover() {
    return stored("readonly", function (store) { return store.getAll(); }).then(function (found) {
      (found || []).forEach(function (one) {
        if (one.user !== user || Date.now() - one.at > LONGEST_MS) forget(one);
        else if (one.draft === draft) waiting.push(Object.assign({ sent: 0 }, one));
      });
    });
  }

  /* --- what waits ----------------------------------------------------------------------------- */
  function add(files) {
    Array.prototype.forEach.call(files, function (file) {
      var photo = { key: key(), kind: kind.value, name: file.name, file: file, at: Date.now(), sent: 0 };
      waiting.push(photo);
      keep(photo);
      if (kind.value === "front") kind.value = "inside"; // one front is enough
    });
    show();
    send();
  }
  function show() {
    queue.textContent = "";
    waiting.forEach(function (photo) {
      var line = document.createElement("li"), text = document.createElement("p");
      var share = photo.file.size ? Math.floor(100 * photo.sent / photo.file.size) : 0;
      var state = photo.isCut ? words.photoWaiting : portal.fill(words.photoSending, { percent: share });
      text.textContent = photo.name + " – " + (photo.wrong || state);
      if (photo.wrong) text.className = "wrong";
      line.append(text);
      if (photo.wrong || photo.isCut) {
        var drop = document.createElement("button");
        drop.type = "button"; drop.className = "quiet act"; drop.textContent = words.photoDrop;
        drop.addEventListener("click", function () { done(photo); });
        line.append(drop);
      }
      queue.append(line);
    });
  }
  function done(photo) {
    waiting = waiting.filter(function (one) { return one !== photo; });
    forget(photo);
    show();
  }

  /* --- one photo after the other, in parts ---------------------------------------------------- */
  function send() {
    window.clearTimeout(timer);
    var photo = waiting.find(function (one) { return !one.wrong; });
    if (isSending || isStopped || !photo) return;
    isSending = true;
    (photo.isHere ? Promise.resolve() : deliver(photo))
      .then(refresh)
      .then(function () { done(photo); isSending = false; send(); }, function (fault) { cut(photo, fault); });
  }
  function deliver(photo) {
    return ask(address(photo), { method: "GET" })
      .then(function (known) { return part(photo, known.offset); })
      .then(function () { return finish(photo); });
  }
  function ask(url, options) {
    options.credentials = "same-origin"; options.redirect = "manual";
    options.headers = Object.assign({ Accept: "application/json", "X-CSRFToken": portal.csrfToken() }, options.headers);
    return fetch(url, options).then(function (answer) {
      if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") throw { isOut: true };
      if (answer.status === 404) throw { isGone: true };
      return answer.json().then(function (known) {
        if (answer.status === 409 && known.offset !== undefined) return known;
        if (answer.status === 413) throw { wrong: words.photoLarge };
        if (answer.status === 422) throw { wrong: known.wrong };
        if (!answer.ok) throw { busy: known.busy };
        return known;
      });
    });
  }
  function part(photo, offset) {
    if (photo.file.size > Number(page.dataset.photoMost)) return Promise.reject({ wrong: words.photoLarge });
    photo.sent = offset; photo.isCut = false;
    show();
    if (offset >= photo.file.size) return Promise.resolve();
    return ask(address(photo), {
      method: "POST", body: photo.file.slice(offset, offset + PART_BYTES),
      headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) },
    }).then(function (known) { return part(photo, known.offset); });
  }
  function finish(photo) {
    var body = new URLSearchParams({ kind: photo.kind, file_name: photo.name, size: String(photo.file.size) });
    return ask(address(photo, "finish/"), {
      method: "POST", body: body.toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" },
    }).then(function (known) {
      if (known.offset !== undefined) return part(photo, known.offset).then(function () { return finish(photo); });
      photo.isHere = true;
      forget(photo);
      return undefined;
    });
  }
  function cut(photo, fault) {
    isSending = false;
    if (fault && fault.wrong) { photo.wrong = fault.wrong; forget(photo); show(); send(); return; }
    if (fault && fault.isGone) { isStopped = true; return; }
    photo.isCut = true;
    show();
    timer = window.setTimeout(send, RETRY_MS);
  }

  /* --- the list of those that are here -------------------------------------------------------- */
  function refresh() { return portal.loadFragment("GET", form.action, { target: list, swap: "innerHTML" }); }
  function pointButtons() {
    list.querySelectorAll("[data-photo-point]").forEach(function (one) { one.hidden = false; });
  }
  list.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = portal.csrfToken();
  });
  list.addEventListener("htmx:afterSwap", function () {
    pointButtons();
    document.dispatchEvent(new CustomEvent("photos-changed"));
  });
  // the button that was pressed is gone with its photo
  list.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.elt.matches("[data-photo-remove]") && event.detail.shouldSwap) document.getElementById("photo-kind").focus();
  });
  list.addEventListener("click", function (event) {
    var point = event.target.closest("[data-photo-point]");
    if (!point) return;
    document.dispatchEvent(new CustomEvent("photo-point", {
      detail: { latitude: Number(point.dataset.latitude), longitude: Number(point.dataset.longitude) },
    }));
  });
  // another point is another distance
  document.addEventListener("draft-saved", function (event) {
    if (event.detail.section === "house" && list.querySelector("li")) refresh().catch(function () {});
  });
  window.addEventListener("online", send);

  document.getElementById("photo-plain").hidden = true;
  document.getElementById("photo-ways").hidden = false;
  ["photo-camera", "photo-choose"].forEach(function (name) {
    var field = document.getElementById(name);
    field.addEventListener("change", function () { add(field.files); field.value = ""; });
  });
  if (list.querySelector("li")) kind.value = "inside";
  pointButtons();
  recover().then(function () { show(); send(); });
})();
