/* A thematic map: the areas of one level as vector tiles, their values joined by code.

   Besides the attributes of vector_map.js the element has:
     data-areas        address of the tiles with the areas of the level (layer `area`), {z}/{x}/{y}
     data-areas-from   the lowest zoom of these tiles
     data-level        the level
     data-values       address of the values: ids, names, texts, classes (hidden, missing), shades;
                       for counts places [lng, lat] and radii in pixels
     data-inside       address of what the page shows in a region's parts, with {code}, or empty
     data-tiers        JSON of further tiers: level, areas, areas_from, values (with {regency}: those
                       of one regency), inside, from and until (zooms of the tiles); empty: one level
     data-zooms        then the zooms between which the level itself is drawn
     data-fixed        not empty: the slider of time does not move this map (the classes of a change
                       are those of its two periods)
     data-shapes       GeoJSON of the same areas, for browsers without WebGL2
   On the event theme:period of the window (detail: a period) the values of that period are joined.
   Middle and zoom are the fragment of the address, as on the map of proposals: #map=zoom/lat/lng.
   Rates are fills, counts are circles. No value of a hidden region reaches this script. */
(function () {
  "use strict";
  var LINE = "#5F6D7A", INK = "#1B2229", LAND = "#EEF1F4", CIRCLE = "#2C7FB8", SIDE = 8;
  var NONE = { type: "FeatureCollection", features: [] };
  var PLACE = /^#map=(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;

  // a part that failed is asked for again when the map is moved, not at each idle moment
  var hasFailed = false;

  window.showThematicMap = function (map) {
    var element = map.getContainer();
    map.options.zoomSnap = 0.25;
    map.invalidateSize();
    if (!window.leafletMap) window.leafletMap = map;
    link(map);
    var asked = ask(element);
    asked.catch(function () { return null; }); // said below, when there is a map
    window.VectorMap.mount(element, map).then(function (handle) {
      if (!window.vectorMap) window.vectorMap = handle;
      element.vectorMap = handle;
      if (window.leafletMap === map) keepPlace(map);
      return asked.catch(function () { return again(map, element); }).then(function (values) {
        if (handle.isPlain) return plain(map, element, values);
        paint(map, element, handle, values);
        return null;
      });
    }).catch(function () { tell(element, element.dataset.wordFailed); });
  };

  function ask(element) {
    return window.portal.loadJson(element.dataset.values);
  }
  /* The first values, when the map is moved, until they come. */
  function again(map, element) {
    tell(element, element.dataset.wordFailed);
    return new Promise(function (resolve) { map.once("moveend", resolve); })
      .then(function () { return ask(element); })
      .catch(function () { return again(map, element); });
  }
  function tell(element, words) {
    element.closest(".theme-main").querySelector(".theme-told").textContent = words || "";
  }

  /* Two maps beside each other show the same place. */
  var maps = [], isMoving = false;
  function link(map) {
    maps.push(map);
    // one that lies over the other must not lag behind
    map.on(document.getElementById("theme-swipe") ? "move" : "moveend", function () {
      if (isMoving) return;
      isMoving = true;
      maps.forEach(function (one) {
        if (one !== map) one.setView(map.getCenter(), map.getZoom(), { animate: false });
      });
      isMoving = false;
    });
  }
  /* Opens where the address says, and writes there where the map is; two maps are in one place. */
  function keepPlace(map) {
    var place = PLACE.exec(location.hash);
    if (place) map.setView([Number(place[2]), Number(place[3])], Number(place[1]), { animate: false });
    map.on("moveend", function () {
      var at = map.getCenter();
      var text = "#map=" + map.getZoom() + "/" + at.lat.toFixed(5) + "/" + at.lng.toFixed(5);
      history.replaceState(history.state, "", location.pathname + location.search + text);
    });
  }
  function absolute(address) {
    return new URL(address, document.baseURI).href.replace(/%7B/gi, "{").replace(/%7D/gi, "}");
  }
  function idsOf(values, number) {
    return values.ids.filter(function (_id, place) { return values.classes[place] === number; });
  }
  function among(ids) { return ids.length ? ["match", ["id"], ids, true, false] : ["==", ["id"], -1]; }

  /* A square of a pattern, as pixels: diagonal lines, or dots on grey. */
  function pattern(isHatched) {
    var canvas = document.createElement("canvas"), pen;
    canvas.width = canvas.height = SIDE * 2;
    pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.fillStyle = isHatched ? "#fff" : "#D9D9D9";
    pen.fillRect(0, 0, SIDE, SIDE);
    if (isHatched) {
      pen.strokeStyle = LINE;
      pen.lineWidth = 1.2;
      [-SIDE, 0, SIDE].forEach(function (shift) {
        pen.beginPath();
        pen.moveTo(shift - 1, SIDE + 1);
        pen.lineTo(shift + SIDE + 1, -1);
        pen.stroke();
      });
    } else {
      pen.fillStyle = INK;
      pen.fillRect(1.5, 1.5, 1, 1);
      pen.fillRect(5.5, 5.5, 1, 1);
    }
    return pen.getImageData(0, 0, SIDE * 2, SIDE * 2);
  }

  /* What is drawn: one tier with the level that is asked for, and on the map of the districts of the
     country one of regencies from afar and one of villages from close by. The values of the villages
     come by regency, as these come into sight. `low` and `high` are zooms of the tiles. */
  function tiersOf(data, values) {
    var zooms = (data.zooms || "").split(" ").map(Number), extra = data.tiers ? JSON.parse(data.tiers) : [];
    var hasVillages = extra.some(function (one) { return one.level === "village"; });
    var main = { name: "theme", level: data.level, areas: data.areas, areasFrom: Number(data.areasFrom),
      address: data.values, inside: data.inside, values: values };
    if (extra.length) {
      main.low = zooms[0];
      if (hasVillages) main.high = zooms[1];
    }
    return [main].concat(extra.map(function (one) {
      return { name: "theme-" + one.level, level: one.level, areas: one.areas, areasFrom: one.areas_from,
        address: one.values, inside: one.inside, low: one.from, high: one.until, values: null, asked: {} };
    }));
  }
  function isByRegency(tier) { return tier.address.indexOf("{regency}") >= 0; }

  function paint(map, element, handle, values) {
    var gl = handle.gl, data = element.dataset, tiers = tiersOf(data, values), period = "";
    gl.addImage("theme-hatched", pattern(true), { pixelRatio: 2 });
    gl.addImage("theme-dotted", pattern(false), { pixelRatio: 2 });
    tiers.forEach(function (tier) { addTier(gl, tier, values.is_rate); });
    join(gl, tiers[0], true);
    function load() {
      if (tiers[0].isStale) whole(tiers[0]);
      tiers.slice(1).forEach(function (tier) {
        if (isByRegency(tier)) byRegency(element, gl, tier, period);
        else if (!tier.values) whole(tier);
      });
    }
    /* The values of a tier that come at once, of the period that is wanted now. */
    function whole(tier) {
      var wanted = period;
      if (tier.asking === wanted) return;
      tier.asking = wanted;
      function isOver() {
        if (tier.asking === wanted) tier.asking = null;
        return wanted !== period; // the slider is elsewhere by now, and that was asked for
      }
      fetched(element, tier.address, wanted, function (found) {
        if (isOver()) return;
        if (tier.isStale) {
          tier.isStale = false;
          element.dataset.period = wanted;
          tell(element, "");
          found = Object.assign(values, found);
        }
        tier.values = found;
        join(gl, tier);
      }, function () {
        // colours of another period than the one that the slider says
        if (!isOver() && tier.isStale) forget(gl, tier);
      });
    }
    gl.on("idle", function () { if (!hasFailed) load(); });
    map.on("moveend", function () { hasFailed = false; });
    if (tiers.length > 1) {
      load();
      gl.on("zoomend", function () { tell(element, data["word" + drawnLevel(tiers, gl.getZoom())]); });
    }
    if (!data.fixed) window.addEventListener("theme:period", function (event) {
      period = event.detail;
      hasFailed = false;
      tiers[0].isStale = true;
      tiers.slice(1).forEach(function (tier) { forget(gl, tier); });
      load();
    });
    follow(map, element, gl, tiers);
    /* All areas in sight have their colour; borders and names come after them. */
    function finish() {
      var shown = drawnTier(tiers, gl.getZoom());
      if (shown && !shown.values && !isByRegency(shown) && !hasFailed) { gl.once("idle", finish); return; }
      element.dataset.drawn = values.ids.length;
      tell(element, tiers.length > 1 ? data["word" + drawnLevel(tiers, gl.getZoom())]
        : ((values.ids.length === 1 ? data.wordDrawnOne : data.wordDrawn) || "")
          .replace("{count}", values.ids.length.toLocaleString(element.lang || "id")));
      handle.addBoundaries("theme-missing", values.is_rate ? undefined : tiers[0].name + "-circle");
      if (tiers.length === 1) quiet(gl, data.level);
      gl.once("idle", function () { element.dataset.complete = "yes"; });
    }
    gl.once("idle", finish);
  }
  function drawnTier(tiers, zoom) {
    return tiers.filter(function (one) { return zoom >= (one.low || 0) && zoom < (one.high || 99); })[0];
  }
  function drawnLevel(tiers, zoom) {
    var found = drawnTier(tiers, zoom);
    if (!found) return "Far";
    return found.level.charAt(0).toUpperCase() + found.level.slice(1);
  }

  function addTier(gl, tier, isRate) {
    gl.addSource(tier.name, { type: "vector", tiles: [absolute(tier.areas)], minzoom: tier.areasFrom, maxzoom: 14 });
    function layer(id, kind, paintOf, filter) {
      var made = { id: tier.name + id, type: kind, source: tier.name, "source-layer": "area", paint: paintOf };
      if (tier.low) made.minzoom = tier.low;
      if (tier.high) made.maxzoom = tier.high;
      if (filter) made.filter = filter;
      // the borders lie on the edges: smoothing these would draw every outline once more
      if (kind === "fill") made.paint["fill-antialias"] = false;
      // circles lie above the areas of all levels
      gl.addLayer(made, gl.getLayer("theme-circle") ? "theme-circle" : undefined);
    }
    layer("-missing", "fill", { "fill-pattern": "theme-dotted" }, among([]));
    layer("-area", "fill", {
      "fill-color": ["coalesce", ["feature-state", "shade"], LAND],
      "fill-opacity": ["case", ["boolean", ["feature-state", "known"], false], 1, 0],
    });
    layer("-hidden", "fill", { "fill-pattern": "theme-hatched" }, among([]));
    layer("-line", "line", { "line-color": LINE, "line-width": 0.6 });
    if (!isRate) circles(gl, tier);
  }

  /* Gives each area its colour; regions without a value get their pattern. Those of the values before
     that are not among these, because of a filter or a period, lose theirs. */
  function join(gl, tier, isNew) {
    var values = tier.values;
    if (!isNew) gl.removeFeatureState({ source: tier.name, sourceLayer: "area" });
    gl.setFilter(tier.name + "-missing", among(idsOf(values, values.missing)));
    gl.setFilter(tier.name + "-hidden", among(idsOf(values, values.hidden)));
    values.ids.forEach(function (id, place) {
      var number = values.classes[place];
      gl.setFeatureState({ source: tier.name, sourceLayer: "area", id: id },
        { known: number >= 0, shade: values.is_rate && number >= 0 ? values.shades[number] : LAND });
    });
    if (!values.is_rate && !isNew) gl.getSource(tier.name + "-places").setData(points(values));
    tier.places = {};
    values.ids.forEach(function (id, place) { tier.places[id] = place; });
  }

  /* Takes the colours away until the values of another period come. */
  function forget(gl, tier) {
    tier.values = null;
    tier.asked = {};
    gl.removeFeatureState({ source: tier.name, sourceLayer: "area" });
    ["-missing", "-hidden"].forEach(function (id) { gl.setFilter(tier.name + id, among([])); });
    if (gl.getSource(tier.name + "-places")) gl.getSource(tier.name + "-places").setData(NONE);
  }

  /* The values of an address, of another period while the slider moves. The classes are the same. */
  function fetched(element, given, period, use, failed) {
    var address = new URL(given, document.baseURI);
    if (period) address.searchParams.set("period", period);
    window.portal.loadJson(address).then(use).catch(function () {
      hasFailed = true;
      if (failed) failed();
      tell(element, element.dataset.wordFailed);
    });
  }

  /* The villages of the regencies in sight, once each. */
  function byRegency(element, gl, tier, period) {
    if (gl.getZoom() < tier.low) return;
    gl.queryRenderedFeatures({ layers: [tier.name + "-area"] }).forEach(function (one) {
      var digits = String(one.id).slice(0, 4), code = digits.slice(0, 2) + "." + digits.slice(2), asked = tier.asked;
      if (asked[code]) return;
      asked[code] = true;
      fetched(element, tier.address.replace("{regency}", code), period, function (found) {
        if (asked !== tier.asked) return; // of a period that is not shown any more
        tier.values = tier.values ? joined(tier.values, found) : found;
        join(gl, tier);
      }, function () { delete asked[code]; });
    });
    element.dataset.near = Object.keys(tier.asked).length;
  }
  function joined(known, more) {
    ["ids", "names", "texts", "classes", "places", "radii"].forEach(function (name) {
      if (known[name]) known[name] = known[name].concat(more[name]);
    });
    return known;
  }

  /* Borders below the level that is shown are left out. */
  function quiet(gl, level) {
    var lower = { province: 3, regency: 2, district: 1, village: 0 }[level];
    ["village", "district", "regency"].slice(0, lower).forEach(function (one) {
      [one + "-line", one + "-undecided", one + "-name"].forEach(function (id) {
        if (gl.getLayer(id)) gl.setLayoutProperty(id, "visibility", "none");
      });
    });
  }

  function points(values) {
    var features = [];
    values.ids.forEach(function (id, place) {
      if (!values.radii[place] || !values.places[place]) return;
      features.push({ type: "Feature", id: id, properties: { radius: values.radii[place] },
        geometry: { type: "Point", coordinates: values.places[place] } });
    });
    return { type: "FeatureCollection", features: features };
  }
  function circles(gl, tier) {
    var made = { id: tier.name + "-circle", type: "circle", source: tier.name + "-places",
      layout: { "circle-sort-key": ["-", 0, ["get", "radius"]] },
      paint: { "circle-radius": ["get", "radius"], "circle-color": CIRCLE, "circle-opacity": 0.8,
        "circle-stroke-color": "#fff", "circle-stroke-width": 1 } };
    if (tier.low) made.minzoom = tier.low;
    if (tier.high) made.maxzoom = tier.high;
    // with its data at once: the worker draws it while the areas are on their way
    gl.addSource(tier.name + "-places", { type: "geojson", data: tier.values ? points(tier.values) : NONE });
    gl.addLayer(made);
  }

  /* The region under the pointer: its name and value; a click opens the map of its parts. A finger,
     and the key Enter for the region in the middle of the map, open the same with a link to its
     parts: there is no pointer that could rest on it. */
  function follow(map, element, gl, tiers) {
    var tip = window.L.tooltip({ sticky: true }), shown = -1;
    var layers = tiers.map(function (tier) { return tier.name + "-area"; });
    var box = window.L.popup({ autoPanPaddingTopLeft: [56, 8] });
    function under(latlng) {
      var at = gl.project([latlng.lng, latlng.lat]);
      var found = gl.queryRenderedFeatures([at.x, at.y], { layers: layers })[0];
      var tier = found && tiers.filter(function (one) { return one.name === found.source; })[0];
      return tier && tier.values && found.id in tier.places ? { id: found.id, inside: tier.inside, values: tier.values, place: tier.places[found.id] } : null;
    }
    map.on("mousemove", function (event) {
      if (!gl.getLayer("theme-area")) return;
      if (isTouch(event)) return;
      var found = under(event.latlng);
      element.classList.toggle("is-hand", Boolean(found && found.inside));
      if (!found) { tip.remove(); shown = -1; return; }
      if (found.id !== shown) tip.setContent(described(element, found));
      shown = found.id;
      tip.setLatLng(event.latlng).addTo(map);
    });
    map.on("mouseout", function () { tip.remove(); shown = -1; });
    function open(latlng) {
      var found = under(latlng);
      tip.remove();
      if (!found) { map.closePopup(box); return; }
      box.setContent(described(element, found, partsOf(found))).setLatLng(latlng).openOn(map);
    }
    map.on("click", function (event) {
      if (isTouch(event)) { open(event.latlng); return; }
      var found = under(event.latlng);
      if (found && found.inside) location.assign(partsOf(found));
    });
    element.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.target === element) open(map.getCenter());
    });
  }
  function partsOf(found) {
    return found.inside ? "?" + found.inside.replace("{code}", coded(found.id)) : "";
  }
  function isTouch(event) {
    var kind = event.originalEvent && event.originalEvent.pointerType;
    return kind ? kind !== "mouse" : window.matchMedia("(hover: none)").matches;
  }
  /* 9701012001 → 97.01.01.2001 */
  function coded(id) {
    return String(id).replace(/^(\d\d)(\d\d)?(\d\d)?(\d{4})?$/, function (_all, a, b, c, d) {
      return [a, b, c, d].filter(Boolean).join(".");
    });
  }

  /* The name and value of a region; with an address a link to its parts, else what a click does. */
  function described(element, found, address) {
    var values = found.values, place = found.place;
    var box = window.portal.describe(values.names[place], values.texts[place]);
    var more = document.createElement(address ? "a" : "small");
    if (address) more.href = address;
    more.textContent = (address ? element.dataset.wordParts : element.dataset.wordInside) || "";
    if (address) more.className = "theme-parts-link";
    if (found.inside) box.append(more);
    return box;
  }

  /* Without WebGL2 Leaflet draws the outlines. */
  function plain(map, element, values) {
    return window.portal.loadJson(element.dataset.shapes).then(function (found) {
      window.L.geoJSON(found, {
        style: function (feature) {
          var number = feature.properties["class"];
          return { color: LINE, weight: 0.8, fillOpacity: 1, dashArray: number < 0 ? "3 3" : null,
            fillColor: number >= 0 && values.is_rate ? values.shades[number] : number === values.missing ? "#D9D9D9" : "#fff" };
        },
        onEachFeature: function (feature, shape) {
          var tip = document.createElement("span");
          tip.textContent = feature.properties.name + ": " + feature.properties.text;
          shape.bindTooltip(tip, { sticky: true });
        },
      }).addTo(map);
      // the largest first, so that the smaller ones lie on it
      found.features.map(function (one) { return one.properties; })
        .filter(function (about) { return about.radius; })
        .sort(function (a, b) { return b.radius - a.radius; })
        .forEach(function (about) {
          window.L.circleMarker([about.place[1], about.place[0]], { radius: about.radius, color: "#fff", weight: 1,
            fillColor: CIRCLE, fillOpacity: 0.8, className: "theme-plain-circle", interactive: false }).addTo(map);
        });
      element.dataset.drawn = found.features.length;
    });
  }
})();
