/* The point of the house: device, cross on a light map, or typed. The map comes after the form, and
   nothing here needs it. */
(function () {
  "use strict";
  var data = document.getElementById("point-data");
  if (!data) return;
  var words = document.getElementById("form-words").dataset;
  var field = document.getElementById("house-point"), accuracy = document.getElementById("house-accuracy_m");
  var verdict = document.getElementById("verdict"), understood = document.getElementById("understood");
  var outside = document.getElementById("outside"), folded = field.closest("details");
  var form = field.form, place = data.dataset, TYPED_MS = 400, METRE = 1 / 111320;
  var typing = 0, running = null, map = null, marks = null, photos = null, outlines = null, isWanted = false;

  /* --- where does it lie? -------------------------------------------------------------------- */
  function look() {
    if (running) running.abort();
    if (!field.value.trim()) { clear(); return; }
    running = new AbortController();
    var body = new URLSearchParams(new FormData(form));
    fetch(place.place, {
      method: "POST", body: body, credentials: "same-origin", redirect: "manual", signal: running.signal,
      headers: { Accept: "application/json" },
    }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(tell, function (reason) {
      if (reason.name !== "AbortError") verdict.textContent = words.noAnswer;
    });
  }
  function clear() {
    understood.textContent = ""; verdict.textContent = "";
    askWhy(false);
    draw(null);
  }
  function tell(known) {
    understood.textContent = "";
    if (known.understood) {
      var text = document.createElement("b");
      text.className = "mono"; text.textContent = known.understood;
      understood.append(words.understood + " ", text);
    }
    var line = document.createElement("p"), edition = document.createElement("span");
    edition.className = "muted"; edition.textContent = " " + known.edition;
    verdict.textContent = "";
    if (known.sentence) { line.innerHTML = known.chip; line.append(" " + known.sentence, edition); }
    else if (known.problem) { line.className = "wrong"; line.textContent = known.problem; }
    // what names no place is told by its cause alone
    if (known.sentence || !known.remarks.length) verdict.append(line);
    known.remarks.forEach(function (remark) { verdict.append(remarkLine(remark)); });
    var isWrong = known.remarks.some(function (remark) { return remark.severity === 3; });
    if (isWrong) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    document.getElementById("locate-said").textContent = known.accuracy;
    askWhy(known.outside);
    draw(known.problem || known.latitude === null ? null : [known.latitude, known.longitude]);
  }
  function remarkLine(remark) {
    var made = document.createElement("p"), title = document.createElement("b");
    made.className = "said-line severity-" + remark.severity;
    made.innerHTML = remark.chip;
    title.textContent = remark.title;
    made.append(" ", title, " ", remark.remedy);
    return made;
  }
  function askWhy(isOutside) {
    if (outside) outside.hidden = !isOutside && !document.getElementById("house-outside_reason").value;
  }
  function put(latitude, longitude, metres) {
    field.value = latitude.toFixed(5) + ", " + longitude.toFixed(5);
    accuracy.value = metres === null ? "" : String(Math.round(metres));
    field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "put" }));
    look();
  }
  field.addEventListener("input", function (event) {
    if (event.detail === "put") return;
    accuracy.value = "";
    document.getElementById("locate-said").textContent = "";
    window.clearTimeout(typing);
    typing = window.setTimeout(look, TYPED_MS);
  });
  field.addEventListener("keydown", function (event) {
    if (event.key === "Enter") { event.preventDefault(); look(); }
  });

  /* --- the device's location ----------------------------------------------------------------- */
  var button = document.getElementById("locate"), said = document.getElementById("locate-said");
  button.hidden = !("geolocation" in navigator);
  button.addEventListener("click", function () {
    said.textContent = words.locating;
    navigator.geolocation.getCurrentPosition(function (found) {
      said.textContent = "± " + Math.round(found.coords.accuracy) + " m";
      put(found.coords.latitude, found.coords.longitude, found.coords.accuracy);
      if (map) map.setView([found.coords.latitude, found.coords.longitude], 17, { animate: false });
    }, function (fault) {
      said.textContent = fault.code === 1 ? words.denied : words.noFix;
    }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
  });

  /* --- the position that a photo's camera wrote ------------------------------------------------ */
  document.addEventListener("photo-point", function (event) {
    put(event.detail.latitude, event.detail.longitude, null);
    if (map) map.setView([event.detail.latitude, event.detail.longitude], 17, { animate: false });
    field.focus();
  });

  /* --- the light map ------------------------------------------------------------------------- */
  function want() {
    if (isWanted || form.hidden || (folded && !folded.open)) return;
    isWanted = true;
    window.setTimeout(function () {
      window.portal.loadJson(place.outlines).then(function (collection) {
        outlines = collection;
        if (!collection.features.length) { remark(words.noOutline); isWanted = false; return null; }
        if (window.L) { redraw(); return null; }
        return loadMap();
      }).catch(function () { remark(words.noMap); isWanted = false; });
    }, 0);
  }
  function loadMap() {
    window.portal.loadStyle(place.style);
    window.portal.loadStyle(place.baseStyle);
    return window.portal.loadScript(place.leaflet).then(function () {
      return Promise.all([window.portal.loadScript(place.extras), window.portal.loadScript(place.base)]);
    }).then(function () {
      document.getElementById("map-box").hidden = false;
      window.dispatchEvent(new Event("form-map-wanted"));
    });
  }
  function remark(text) {
    var box = document.getElementById("map-note");
    box.textContent = text;
    box.hidden = !text;
  }

  window.showFormMap = function (made) {
    map = made;
    map.keyboard.disable();
    map.options.zoomSnap = 0.5;
    marks = L.layerGroup().addTo(map);
    photos = L.layerGroup().addTo(map);
    redraw();
    showPhotos();
    map.on("moveend", at);
    map.getContainer().addEventListener("keydown", keys);
    remark("");
    at();
    look();
  };
  var base = null;
  function redraw() {
    if (!map) return;
    if (base) base.remove();
    base = window.VillageBase.draw(map, outlines);
    window.portal.attributeEditions(map, outlines.features, words);
    map.fitBounds(base.claimed(), { animate: false });
    map.getContainer().dataset.drawn = outlines.features.length;
  }
  /* Where the cameras of the house's photos stood: the positions that the list of photos offers. */
  function showPhotos() {
    if (!map) return;
    photos.clearLayers();
    document.querySelectorAll("[data-photo-point]").forEach(function (button) {
      L.circleMarker([Number(button.dataset.latitude), Number(button.dataset.longitude)], {
        radius: 6, color: "#8A4D00", weight: 3, fillColor: "#fff", fillOpacity: 1, interactive: false, className: "photo-spot",
      }).addTo(photos);
    });
  }
  document.addEventListener("photos-changed", showPhotos);
  function draw(spot) {
    if (!map) return;
    marks.clearLayers();
    if (!spot) return;
    L.circleMarker(spot, { radius: 7, color: "#fff", weight: 2, fillColor: "#1B2229", fillOpacity: 1, interactive: false }).addTo(marks);
    var metres = Number(accuracy.value);
    // below the point and the photos
    if (metres) L.circle(spot, { radius: metres, color: "#0B5CAD", weight: 1.5, fillOpacity: 0.1, interactive: false }).addTo(marks).bringToBack();
    if (!map.getBounds().contains(spot)) map.fitBounds(base.bounds().extend(spot), { animate: false });
  }
  function at() {
    var middle = map.getCenter();
    document.getElementById("cross-at").textContent = middle.lat.toFixed(5) + ", " + middle.lng.toFixed(5);
  }
  function step(east, north) {
    if (map.getZoom() < map.getMaxZoom()) {
      map.panBy([east * 24, -north * 24], { animate: false });
      return;
    }
    var middle = map.getCenter(), wide = METRE / Math.cos(middle.lat * Math.PI / 180);
    map.setView([middle.lat + north * METRE, middle.lng + east * wide], map.getZoom(), { animate: false });
  }
  var MOVES = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  function keys(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (MOVES[event.key]) step(MOVES[event.key][0], MOVES[event.key][1]);
    else if (event.key === "+" || event.key === "=") map.zoomIn(1, { animate: false });
    else if (event.key === "-") map.zoomOut(1, { animate: false });
    else if (event.key === "Enter") here();
    else if (event.key === "Escape") document.getElementById("place-here").focus();
    else return;
    event.preventDefault();
  }
  function here() {
    var middle = map.getCenter();
    put(middle.lat, middle.lng, null);
  }
  document.getElementById("place-here").addEventListener("click", here);

  document.addEventListener("section-shown", function (event) {
    if (event.detail !== "house") return;
    want();
    if (map) { map.invalidateSize(); }
  });
  if (folded) folded.addEventListener("toggle", function () {
    want();
    if (map) map.invalidateSize();
  });
  document.addEventListener("draft-saved", function (event) {
    // another village: other outlines, another verdict
    if (event.detail.section !== "family") return;
    isWanted = false;
    if (!form.hidden) want();
    if (field.value) look();
  });
  if (document.readyState === "complete") want();
  else window.addEventListener("load", want);
})();
