/* The map beside the list of proposals. It talks to the list by events of the document:
     hears  proposals:opened  {id, at, missed, metres, outlines, village}   a row is open; places
                               are [lng, lat], `village` is the code of the claimed one
            proposals:pointed {id, at}   the pointer or the focus is on a row
            proposals:closed, proposals:zoom, proposals:whole, proposals:resized, proposals:decided
     tells  proposals:ready   {map}        the Leaflet map, once it is drawn
            proposals:hovered {id or ""}   the pointer is on a point
            proposals:picked  {id, address or nothing}   a point was chosen; with the address: by
                               its name beside the point
            proposals:left                 Escape: back to the list
            proposals:replaced             another edition of the boundaries is in force
   It opens where it was left: the address keeps its place (#map=zoom/latitude/longitude), and the
   tab's storage does where a form leads to another address. */
(function () {
  "use strict";
  var KEPT = "portal-review-map", PLACE = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/;
  var POINTS_FROM = 13, CLOSE = 17, NEAR = 15; // Leaflet's zooms; from the first, points are single
  var INK = "#1B2229", CLAIMED = "#1D3F5E";
  var QUIET_MS = 800;
  var MOST_NAMED = 50; // more keys would make an address too long
  var PILE_M = 10; // rows this close are not drawn apart from nearer by, either

  window.showReviewMap = function (map) {
    var element = map.getContainer(), space = document.getElementById("workspace");
    if (!element.dataset.hasBase) map.options.zoomSnap = 0.25; // no base map whose tiles need whole steps
    map.invalidateSize();
    var mounted = window.VectorMap.mount(element, map);
    openAsLeft(map, element);
    window.leafletMap = map;
    mounted.then(function (handle) {
      window.vectorMap = handle;
      pick(map, element, space);
      follow(map, element, handle);
      if (!handle.isPlain) explain(map, handle.gl);
      tell("ready", { map: map, handle: handle });
      element.addEventListener("vectormap:replaced", function () { far(element, handle); });
      return far(element, handle);
    });
  };

  function tell(name, detail) { document.dispatchEvent(new CustomEvent("proposals:" + name, { detail: detail })); }
  function hear(name, act) { document.addEventListener("proposals:" + name, function (event) { act(event.detail || {}); }); }
  function latLng(place) { return window.L.latLng(place[1], place[0]); }

  /* What the circles mean, as long as there are any: also near by, where a tile has too many points
     to draw each. */
  function explain(map, gl) {
    var key = document.getElementById("map-key");
    function show() {
      var hasCounts = gl.getLayer("counts") && gl.queryRenderedFeatures({ layers: ["counts"] }).length > 0;
      key.hidden = map.getZoom() >= POINTS_FROM && !hasCounts;
    }
    map.on("zoomend", show);
    gl.on("idle", show);
    show();
  }

  // --- where the map opens ---

  function openAsLeft(map, element) {
    var place = PLACE.exec(location.hash), kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEPT)); } catch (_error) { kept = null; }
    if (!place && kept && kept.extent === element.dataset.extent) place = PLACE.exec(kept.place);
    if (place) map.setView([Number(place[2]), Number(place[3])], Number(place[1]), { animate: false });
    map.on("moveend", function () {
      var at = map.getCenter();
      var text = "#map=" + map.getZoom() + "/" + at.lat.toFixed(5) + "/" + at.lng.toFixed(5);
      history.replaceState(history.state, "", location.pathname + location.search + text);
      try {
        sessionStorage.setItem(KEPT, JSON.stringify({ extent: element.dataset.extent, place: text }));
      } catch (_error) { /* without storage the address alone keeps the place */ }
    });
  }

  function far(element, handle) {
    return window.portal.loadJson(element.dataset.away + "?" + element.dataset.query).then(function (found) {
      handle.showAway(found.count, found.places);
      listFar(found);
    }).catch(function () { handle.showAway(0, []); /* the list has them */ });
  }

  /* The way to the list of exactly these rows. */
  function listFar(found) {
    var link = document.getElementById("area-far"), keys = found.proposals || [];
    link.hidden = !keys.length;
    if (!keys.length) return;
    var query = new URLSearchParams(document.getElementById("workspace").dataset.here);
    ["after", "before", "p", "row"].forEach(function (one) { query.delete(one); });
    query.set("rows", keys.join(","));
    link.href = "?" + query;
    var word = found.count > keys.length ? link.dataset.wordFirst : link.dataset.wordAll;
    link.textContent = window.portal.fill(word, { n: keys.length.toLocaleString(document.documentElement.lang || "id") });
  }

  // --- from the map to the list ---

  function pick(map, element, space) {
    element.addEventListener("vectormap:hover", function (event) { tell("hovered", { id: event.detail.id || "" }); });
    element.addEventListener("vectormap:replaced", function () { tell("replaced"); });
    element.addEventListener("vectormap:select", function (event) {
      var known = event.detail;
      if (map.portalIsDrawing) return;
      if (known.ids.length) name(map, space, known);
      else if (isPile(map, known)) name(map, space, known);
      else if (known.counts.length) map.setView(latLng(known.at), Math.min(map.getZoom() + 2, CLOSE));
    });
    element.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      map.closePopup();
      tell("left");
    });
  }

  /* A count that stays one however near the map comes. */
  function isPile(map, known) {
    return known.spot && known.counts.length && (map.getZoom() >= CLOSE || known.spot[2] <= PILE_M);
  }

  /* The persons at one place, as the list names them, and the way to the list of the place. The note
     stays in sight where the map becomes narrower for the evidence. Of several places chosen one after
     the other, the last one is named, whichever answer comes first. */
  var chosen = 0;
  function name(map, space, known) {
    var own = chosen += 1;
    var box = document.createElement("div");
    box.className = "map-picked";
    var query = new URLSearchParams(space.dataset.here);
    if (known.spot) query.set("spot", known.spot.join(","));
    if (known.ids.length <= MOST_NAMED) query.set("at", known.ids.join(","));
    var popup = window.L.popup({ maxHeight: 170, autoPanPadding: [12, 12] }).setLatLng(latLng(known.at));
    window.portal.loadFragment("GET", space.dataset.picked + "?" + query, { target: box, swap: "innerHTML" }).then(function () {
      if (own !== chosen) return;
      box.dataset.ids = " " + Array.prototype.map.call(box.querySelectorAll("a[data-id]"), function (link) {
        return link.dataset.id;
      }).join(" ") + " ";
      var list = box.querySelector("a[data-spot]");
      if (list) list.addEventListener("click", function () { list.hash = location.hash; }); // the map stays where it is
      popup.setContent(box).openOn(map);
      seePopup(map);
    }).catch(function () { /* the list names them */ });
    box.addEventListener("click", function (event) {
      var link = event.target.closest("a[data-id]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      tell("picked", { id: link.dataset.id, address: link.href });
    });
    if (known.ids.length === 1) tell("picked", { id: known.ids[0] });
  }

  function seePopup(map) {
    var popup = map._popup, side = Math.min(160, map.getSize().x / 2 - 1);
    if (!popup || !popup.isOpen()) return;
    map.panInside(popup.getLatLng(), { paddingTopLeft: [side, 210], paddingBottomRight: [side, 50], animate: false });
  }

  /* The note of another point is closed, that of the open row stays in sight. */
  function keepPopup(map, id) {
    var box = map.getContainer().querySelector(".map-picked");
    if (box && box.dataset.ids.indexOf(" " + id + " ") < 0) map.closePopup(); else seePopup(map);
  }

  // --- from the list to the map ---

  function follow(map, element, handle) {
    var L = window.L, opened = L.layerGroup().addTo(map), pointed = null, at = null, timer = 0;
    function ring(place, color, weight) {
      return L.circleMarker(place, { radius: 13, color: color, weight: weight, fill: false, interactive: false });
    }
    hear("pointed", function (known) {
      if (pointed) pointed.remove();
      pointed = known.at ? ring(latLng(known.at), INK, 2).addTo(map) : null;
    });
    hear("opened", function (known) {
      opened.clearLayers();
      handle.clearLine();
      if (known.outlines) {
        opened.addLayer(L.geoJSON(known.outlines, { interactive: false, style: function (feature) {
          var isClaimed = feature.properties.code === known.village;
          return { color: CLAIMED, weight: isClaimed ? 3 : 1.5, dashArray: isClaimed ? null : "6 4", fill: false };
        } }));
      }
      at = known.at ? latLng(known.at) : null;
      element.dataset.opened = at ? known.id : "";
      if (!at) { keepPopup(map, known.id); return; }
      opened.addLayer(ring(at, "#fff", 6)).addLayer(ring(at, INK, 2.5));
      var view = L.latLngBounds([at]);
      if (known.missed) {
        handle.drawLine(known.at, known.missed, Math.round(Number(known.metres)));
        view.extend(latLng(known.missed));
      }
      if (!map.getBounds().pad(-0.1).contains(view) || map.getZoom() < POINTS_FROM) {
        map.fitBounds(view.pad(0.6), { animate: false, maxZoom: NEAR });
      }
      keepPopup(map, known.id);
    });
    hear("closed", function () {
      opened.clearLayers();
      handle.clearLine();
      at = null;
      element.dataset.opened = "";
    });
    hear("zoom", function () { if (at) map.setView(at, CLOSE, { animate: false }); });
    hear("resized", function () { map.invalidateSize(); seePopup(map); });
    hear("whole", function () { handle.fitExtent(); });
    // after the last of several steps the points of the filter are asked for once
    hear("decided", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(handle.reload, QUIET_MS);
    });
  }
})();
