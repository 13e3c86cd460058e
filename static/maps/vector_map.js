/* Boundaries and proposals as vector tiles: MapLibre GL as a layer inside a Leaflet map.

   The page has an element for the map with these attributes:
     data-boundaries   address of the boundaries' tiles, with {z}/{x}/{y}
     data-layers       address that names the boundaries in force (/tiles/layers.json)
     data-proposals    address of the proposals' tiles, with {z}/{x}/{y}; empty: boundaries only
     data-query        the filter, as in the address of the list
     data-extent       west,south,east,north of the scope, in degrees: the map opens there
     data-areas        not empty: a map of areas (thematic.js); borders and names wait until these are
                       drawn, for addBoundaries
     data-base         address of the tiles of roads and rivers, with {z}/{x}/{y}; empty: none
     data-has-base     not empty: an online base map (BASE_MAP_TILES) lies below, drawn by Leaflet
     data-outlines     GeoJSON of outlines, for browsers without WebGL2
     data-library, data-binding, data-worker   the scripts of MapLibre
     data-edition, data-base-attribution   whose boundaries, and whose roads and rivers; without
                       data-edition the text of the attribution stays as it is
     data-word-…       the words it says: away, metres, plain, replaced, attribution, failed, unloaded,
                       over, again, sign-in, close, count, nearer
     data-verdicts     JSON: each verdict's name, for what a circle counts
     lang              the language of numbers

   VectorMap.mount(element, map) -> Promise of a handle (map: the Leaflet map, e.g. of django-leaflet),
     as soon as layers can be added to it; vectormap:ready tells when the first tiles are drawn
     handle.setQuery(query)            another filter
     handle.reload()                   ask for the proposals again: some were decided
     handle.highlight(id or null)      mark one proposal
     handle.drawLine(from, to, metres) a line from a point to a border; places are [lng, lat]
     handle.clearLine()
     handle.showAway(count, places)    "Points far away: N, show" as an arrow at the edge; each of the
                                      places is marked at every zoom, a click on one shows it near
     handle.fitExtent()                back to the scope
     handle.addBoundaries(under, over) borders, names and land: the land under one layer of the areas,
                                       the others under another one, or on top
     handle.isPlain                    true without WebGL2, and where MapLibre did not load: outlines
                                       only, the table has the rest
     handle.remove()
   Events on the element (detail):
     vectormap:ready, vectormap:plain
     vectormap:select {ids, counts, spot, regions, at}   ids of all proposals under the pointer, the
                                           top one first; numbers of the circles there; spot, the
                                           circle [lng, lat, metres] around these points, or around
                                           those that the top circle counts (null: those of a
                                           region); regions from the smallest: {code, name, level}.
                                           Where there is no pointer that hovers, the first touch of a
                                           circle says what it counts, and the second is this event
     vectormap:hover  {id or null}
     vectormap:move   {bounds: [west, south, east, north], zoom}
     vectormap:replaced                    a newer edition is in force; the map shows it
   No name of a person and no number reaches this script. */
(function () {
  "use strict";

  // Shape and colour of each verdict, the same as the chips beside the list; radius in pixels.
  var LOOKS = {
    no_polygon: { shape: "square", color: "#5D5D5D", radius: 5 },
    inside: { shape: "disc", color: "#3986CB", radius: 4.5 },
    near_border: { shape: "ring", color: "#123669", radius: 6 },
    neighbour: { shape: "triangle", color: "#AD7D05", radius: 8 },
    elsewhere: { shape: "diamond", color: "#B12F19", radius: 8 },
    unmapped: { shape: "cross", color: "#E9209A", radius: 7 },
  };
  var ORDER = ["no_polygon", "inside", "near_border", "neighbour", "elsewhere", "unmapped"];
  var LAND = "#EEF1F4", SEA = "#D6E2EC", BORDER = "#5F6D7A", INK = "#1B2229";
  var GRID_M = 50, GRID_FROM = 17; // Leaflet's zoom: 50 m are 42 pixels
  var POINTS_FROM = 12; // the zoom of MapLibre, one less than Leaflet's, from which points are single
  var MOST_TILE_ZOOM = 14; // from here on tiles are enlarged
  var NEAR_PX = 6, EDGE_PX = 10;
  var FAR_ZOOM = 15; // Leaflet's: a far point is shown from this near
  var SHORT_PX = 520; // on a narrower map the arrow has its number only
  var LOOK_AGAIN_MS = 60000; // is another edition in force?
  var EMPTY = { type: "FeatureCollection", features: [] };
  var FONT = ["system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"];

  // --- the scripts of MapLibre, loaded once and only where a map is ---

  var loading = null;
  function library(element) {
    var data = element.dataset;
    loading = loading || import(absolute(data.library)).then(function (maplibregl) {
      maplibregl.setWorkerUrl(absolute(data.worker));
      maplibregl.prewarm(); // its worker starts while the map is made
      window.maplibregl = maplibregl;
      return window.portal.loadScript(data.binding).then(function () { return maplibregl; });
    });
    loading.catch(function () { loading = null; }); // another map may ask again
    return loading;
  }
  function absolute(address) {
    // {z}/{x}/{y} must stay as they are
    return new URL(address, document.baseURI).href.replace(/%7B/gi, "{").replace(/%7D/gi, "}");
  }
  function hasWebGL2() {
    try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch (_error) { return false; }
  }

  // --- pictures of the verdicts ---

  function picture(look, ratio) {
    var side = (look.radius + 2) * 2, canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(side * ratio);
    var ctx = canvas.getContext("2d"), c = side / 2, r = look.radius;
    ctx.scale(ratio, ratio);
    ctx.lineJoin = "round";
    if (look.shape === "cross") {
      [["#fff", 5], [look.color, 3]].forEach(function (pen) {
        ctx.strokeStyle = pen[0]; ctx.lineWidth = pen[1]; ctx.beginPath();
        ctx.moveTo(c - r + 1, c - r + 1); ctx.lineTo(c + r - 1, c + r - 1);
        ctx.moveTo(c + r - 1, c - r + 1); ctx.lineTo(c - r + 1, c + r - 1); ctx.stroke();
      });
      return ctx.getImageData(0, 0, canvas.width, canvas.height);
    }
    ctx.beginPath();
    if (look.shape === "disc" || look.shape === "ring") ctx.arc(c, c, r, 0, 7);
    if (look.shape === "triangle") outline(ctx, [[c, c - r], [c + r, c + r * 0.8], [c - r, c + r * 0.8]]);
    if (look.shape === "diamond") outline(ctx, [[c, c - r], [c + r, c], [c, c + r], [c - r, c]]);
    if (look.shape === "square") ctx.rect(c - r + 1, c - r + 1, 2 * r - 2, 2 * r - 2);
    var isHollow = look.shape === "ring" || look.shape === "square";
    ctx.fillStyle = isHollow ? "#fff" : look.color;
    ctx.strokeStyle = isHollow ? look.color : "#fff";
    ctx.lineWidth = isHollow ? 2 : 1;
    ctx.fill(); ctx.stroke();
    if (look.shape === "ring") { ctx.beginPath(); ctx.arc(c, c, 1.6, 0, 7); ctx.fillStyle = look.color; ctx.fill(); }
    return ctx.getImageData(0, 0, canvas.width, canvas.height);
  }
  function outline(ctx, corners) {
    corners.forEach(function (corner, i) { ctx[i ? "lineTo" : "moveTo"](corner[0], corner[1]); });
    ctx.closePath();
  }
  function byVerdict(property, values) {
    return ["match", ["get", property]].concat(
      ORDER.reduce(function (all, name) { return all.concat([name, values(name)]); }, []), [values("no_polygon")]);
  }

  // --- the style ---

  function sources(data, query) {
    var found = {
      boundaries: { type: "vector", tiles: [absolute(data.boundaries)], maxzoom: MOST_TILE_ZOOM, attribution: "" },
      drawn: { type: "geojson", data: EMPTY },
      grid: { type: "geojson", data: EMPTY },
    };
    if (data.base) found.base = { type: "vector", tiles: [absolute(data.base)], maxzoom: MOST_TILE_ZOOM };
    if (data.proposals) found.proposals = { type: "vector", tiles: [withQuery(data.proposals, query)], maxzoom: MOST_TILE_ZOOM };
    return found;
  }
  function withQuery(address, query) { return absolute(address) + (query ? "?" + query : ""); }

  function border(level, width, opacity) {
    return {
      id: level + "-line", type: "line", source: "boundaries", "source-layer": level,
      layout: { "line-join": "round" },
      paint: { "line-color": BORDER, "line-width": width, "line-opacity": opacity },
    };
  }
  /* Roads, railways and rivers of a local extract, pale: they are there to find one's way by. */
  function baseLayers() {
    var width = ["interpolate", ["linear"], ["zoom"], 7, ["-", 1.2, ["*", 0.25, ["get", "rank"]]], 16, ["-", 7, ["*", 1.5, ["get", "rank"]]]];
    function lines(kind, color, dash) {
      var paint = { "line-color": color, "line-width": width };
      if (dash) paint["line-dasharray"] = dash;
      return { id: "base-" + kind, type: "line", source: "base", "source-layer": "line",
        filter: ["==", ["get", "kind"], kind], layout: { "line-join": "round", "line-cap": dash ? "butt" : "round" }, paint: paint };
    }
    return [lines("river", "#A9C4D9"), lines("rail", "#9AA5AF", [3, 2]), lines("road", "#D3D8DD"),
      { id: "base-name", type: "symbol", source: "base", "source-layer": "line", minzoom: 14, filter: ["has", "name"],
        layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 11 },
        paint: { "text-color": "#5F6D7A", "text-halo-color": "#fff", "text-halo-width": 1.2 } }];
  }
  /* A line that is not decided is dashed; close up only, where villages have their own polygons. */
  function villageBorders(width) {
    var decided = border("village", width, 0.75), undecided = border("village", width, 0.75);
    decided.filter = ["!", ["has", "undecided"]];
    undecided.id = "village-undecided";
    undecided.filter = ["has", "undecided"];
    undecided.paint["line-dasharray"] = [4, 2.5];
    return [decided, undecided];
  }
  /* Where circles count, a name stands below its region's circle. */
  function name(level, minzoom, maxzoom, size, transform, counts) {
    return {
      id: level + "-name", type: "symbol", source: "boundaries", "source-layer": "label",
      filter: ["==", ["get", "level"], level], minzoom: minzoom, maxzoom: maxzoom,
      layout: {
        "text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-max-width": 7,
        "text-transform": transform || "none", "symbol-sort-key": ["-", 0, ["get", "radius_m"]],
        "text-offset": counts ? ["step", ["zoom"], ["literal", [0, 1.7]], POINTS_FROM, ["literal", [0, 0]]] : [0, 0],
      },
      paint: { "text-color": "#3F4A55", "text-halo-color": "#fff", "text-halo-width": 1.5 },
    };
  }
  function layers(data, language) {
    var zoomed = function (low, high) { return ["interpolate", ["linear"], ["zoom"], 4, low, 13, high]; };
    var all = [{ id: "sea", type: "background", paint: { "background-color": SEA, "background-opacity": data.hasBase ? 0 : 1 } }];
    all.push({ id: "land", type: "fill", source: "boundaries", "source-layer": "province",
      paint: { "fill-color": LAND, "fill-opacity": data.hasBase ? 0 : 1, "fill-antialias": false } });
    // invisible, so that a click finds the village
    all.push({ id: "village-area", type: "fill", source: "boundaries", "source-layer": "village",
      paint: { "fill-color": LAND, "fill-opacity": 0, "fill-antialias": false } });
    if (data.base) all = all.concat(baseLayers());
    all.push({ id: "grid", type: "line", source: "grid", paint: { "line-color": "#C3CCD4", "line-width": 1 } });
    all = all.concat(villageBorders(zoomed(0.3, 1.2)));
    all.push(border("district", zoomed(0.5, 2), 0.8));
    all.push(border("regency", zoomed(0.8, 3), 0.85), border("province", zoomed(1.2, 4), 0.9));
    var counts = Boolean(data.proposals);
    all.push(name("province", 0, 6, 13, "uppercase", counts), name("regency", 6, 9.5, 12, "", counts));
    all.push(name("district", 9, 11, 12, "", counts), name("village", 11, 24, 13, "", counts));
    if (data.proposals) all = all.concat(proposalLayers(language));
    all.push({ id: "to-border", type: "line", source: "drawn", paint: { "line-color": INK, "line-width": 2, "line-dasharray": [2, 1.5] } });
    all.push({ id: "to-border-metres", type: "symbol", source: "drawn", filter: ["has", "text"],
      layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": 14, "text-offset": [0, -0.9], "text-max-width": 30, "text-allow-overlap": true },
      paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 2 } });
    return all;
  }
  /* The ring of a count says by colour and width how much of it contradicts the claim: one stray
     point of hundreds is no reason to paint a whole village. The same bounds as in _review_map.html. */
  var FEW = 0.05, MANY = 0.2;
  function share(verdicts) {
    var counts = verdicts.map(function (one) { return ["coalesce", ["get", one], 0]; });
    return ["/", ["+"].concat(counts), ["max", 1, ["get", "n"]]];
  }
  function proposalLayers(language) {
    var contradicting = share(["neighbour", "elsewhere", "unmapped"]);
    return [
      { id: "counts", type: "circle", source: "proposals", "source-layer": "count",
        layout: { "circle-sort-key": ["get", "n"] },
        paint: {
          // as wide as its number; many stand close together from afar
          "circle-radius": ["max", 8, ["+", 5, ["*", 3.5, ["log10", ["get", "n"]]]]],
          "circle-color": "#fff",
          "circle-stroke-width": ["step", contradicting, 2, FEW, 4, MANY, 6],
          "circle-stroke-color": ["step", contradicting,
            LOOKS.inside.color, FEW, LOOKS.neighbour.color, MANY, LOOKS.elsewhere.color],
        } },
      { id: "count-numbers", type: "symbol", source: "proposals", "source-layer": "count",
        layout: {
          // where circles overlap, the larger one keeps its number
          "text-field": ["number-format", ["get", "n"], { locale: language }],
          "text-font": FONT, "text-size": 12, "text-padding": 0, "symbol-sort-key": ["-", 0, ["get", "n"]],
        },
        paint: { "text-color": INK } },
      { id: "selected", type: "circle", source: "proposals", "source-layer": "point", filter: ["==", ["id"], -1],
        paint: { "circle-radius": 12, "circle-color": "#fff", "circle-stroke-color": INK, "circle-stroke-width": 2 } },
      { id: "points", type: "symbol", source: "proposals", "source-layer": "point",
        layout: {
          "icon-image": byVerdict("verdict", function (one) { return one; }),
          "icon-allow-overlap": true, "icon-ignore-placement": true,
          "symbol-sort-key": byVerdict("verdict", function (one) { return ORDER.indexOf(one); }),
        } },
    ];
  }

  // --- one map ---

  function mount(element, map) {
    var extent = numbers(element.dataset.extent);
    if (extent) map.fitBounds([[extent[1], extent[0]], [extent[3], extent[2]]], { animate: false, padding: [8, 8] });
    element.classList.add("vector-map");
    attributeEdition(element, map);
    watchEdition(element);
    if (!hasWebGL2()) return Promise.resolve(plain(element, map, extent, element.dataset.wordPlain));
    return library(element).then(function (maplibregl) { return drawn(element, map, maplibregl, extent); }, function () {
      var data = element.dataset;
      return plain(element, map, extent, data.wordUnloaded || data.wordFailed, button(data.wordAgain, readAgain));
    });
  }
  /* The page again: its address has the filter, the open row and the map's place. */
  function readAgain() { location.reload(); }
  function button(words, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "map-act";
    made.textContent = words;
    made.addEventListener("click", act);
    return words ? made : null;
  }

  /* The edition that is drawn, in the map's corner and on paper; another one replaces it. */
  function attributeEdition(element, map) {
    var data = element.dataset, said = "";
    function say(edition) {
      var boundaries = edition ? window.portal.fill(data.wordAttribution, { edition: edition }) : "";
      var text = [boundaries, data.baseAttribution].filter(Boolean).join(" · ");
      window.portal.attribute(map, text, said);
      said = text;
    }
    if (data.edition === undefined) { window.portal.attribute(map, data.wordAttribution); return; } // it names none
    say(data.edition);
    element.addEventListener("vectormap:replaced", function (event) { say(event.detail.edition); });
  }

  function drawn(element, map, maplibregl, extent) {
    var data = element.dataset, language = element.lang || document.documentElement.lang || "id";
    var query = data.query || "", selected = -1;
    var known = sources(data, query), all = layers(data, language), isLater = Boolean(data.areas);
    var layer = window.L.maplibreGL({
      style: { version: 8, sources: isLater ? {} : known, layers: isLater ? all.slice(0, 1) : all },
      interactive: false, fadeDuration: 0, validateStyle: false, collectResourceTiming: false,
    }).addTo(map);
    var gl = layer.getMaplibreMap(), ratio = Math.min(3, window.devicePixelRatio || 1);
    ORDER.forEach(function (verdict) { gl.addImage(verdict, picture(LOOKS[verdict], ratio), { pixelRatio: ratio }); });
    // sources and layers can be added from here on, while the first tiles are on their way
    var styled = new Promise(function (done) { gl.once("style.load", done); });
    gl.once("load", function () { tell(element, "ready", {}); });
    follow(element, map, gl);
    element.addEventListener("vectormap:replaced", function (event) {
      known.boundaries.tiles = [absolute(event.detail.boundaries)];
      if (gl.getSource("boundaries")) gl.getSource("boundaries").setTiles(known.boundaries.tiles);
      reload(); // an edition checks every point anew before it is drawn
    });
    function reload() { if (data.proposals) gl.refreshTiles("proposals"); }
    var away = awayButton(element, map);
    return styled.then(function () {
      return {
        isPlain: false,
        gl: gl,
        addBoundaries: function (under, over) {
          var place = under;
          if (!isLater || gl.getSource("boundaries")) return;
          Object.keys(known).forEach(function (one) { gl.addSource(one, known[one]); });
          all.slice(1).forEach(function (one) {
            if (one.id === "village-line") place = over;
            gl.addLayer(one, place);
          });
        },
        setQuery: function (next) {
          query = next || "";
          data.query = query;
          if (data.proposals) gl.getSource("proposals").setTiles([withQuery(data.proposals, query)]);
        },
        reload: reload,
        highlight: function (id) {
          selected = id === null || id === undefined ? -1 : Number(id);
          if (data.proposals) gl.setFilter("selected", ["==", ["id"], selected]);
        },
        drawLine: function (from, to, metres) {
          gl.getSource("drawn").setData(line(from, to, window.portal.fill(data.wordMetres, { metres: metres.toLocaleString(language) })));
        },
        clearLine: function () { gl.getSource("drawn").setData(EMPTY); },
        showAway: away,
        fitExtent: function () { if (extent) map.fitBounds([[extent[1], extent[0]], [extent[3], extent[2]]]); },
        remove: function () { map.removeLayer(layer); },
      };
    });
  }

  /* Pointer and movement as events; the grid of close zooms; tiles that could not be loaded. */
  // 3404012001 → 34.04.01.2001: the id of a region is its code without dots.
  function codeOf(id) {
    var d = String(id);
    return [d.slice(0, 2), d.slice(2, 4), d.slice(4, 6), d.slice(6)].filter(Boolean).join(".");
  }

  function follow(element, map, gl) {
    var hovered = null, sayCount = counter(element, map), pointer = "";
    ["pointerdown", "pointermove"].forEach(function (kind) {
      element.addEventListener(kind, function (event) { pointer = event.pointerType; }, true);
    });
    function under(event) {
      var p = gl.project([event.latlng.lng, event.latlng.lat]);
      return [[p.x - NEAR_PX, p.y - NEAR_PX], [p.x + NEAR_PX, p.y + NEAR_PX]];
    }
    function drawnAt(event, layer) {
      return gl.getLayer(layer) ? gl.queryRenderedFeatures(under(event), { layers: [layer] }) : [];
    }
    function idsOf(points) {
      return Array.from(new Set(points.map(function (one) { return one.id; })));
    }
    function ids(event) { return idsOf(drawnAt(event, "points")); }
    function spotOf(points, circles) {
      if (points.length) return around(map, points.map(function (one) { return one.geometry.coordinates; }));
      var top = circles[0];
      if (!top || top.properties.radius_m === undefined) return null;
      return spot(top.geometry.coordinates, top.properties.radius_m);
    }
    function regions(event) {
      var p = gl.project([event.latlng.lng, event.latlng.lat]);
      if (!gl.getLayer("land")) return [];
      var found = gl.queryRenderedFeatures([p.x, p.y], { layers: ["village-area", "land"] });
      return found.map(function (one) {
        return { code: codeOf(one.id), name: one.properties.name, level: one.sourceLayer };
      });
    }
    function look() {
      var box = map.getBounds();
      tell(element, "move", { bounds: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], zoom: map.getZoom() });
      if (gl.getSource("grid")) gl.getSource("grid").setData(map.getZoom() >= GRID_FROM ? grid(box) : EMPTY);
    }
    // what is drawn can be chosen while other tiles are on their way
    map.on("click", function (event) {
      if (!gl.style) return;
      var points = drawnAt(event, "points"), circles = drawnAt(event, "counts");
      var isTouch = pointer === "touch" && !points.length && !map.portalIsDrawing;
      if (isTouch && sayCount(circles[0], true)) return;
      tell(element, "select", {
        ids: idsOf(points), counts: circles.map(function (one) { return one.properties.n; }), spot: spotOf(points, circles),
        regions: regions(event), at: [event.latlng.lng, event.latlng.lat],
      });
    });
    map.on("mousemove", function (event) {
      if (!gl.style) return;
      var id = ids(event)[0], circle = drawnAt(event, "counts")[0];
      id = id === undefined ? null : id;
      element.classList.toggle("is-hand", id !== null || Boolean(circle));
      if (pointer !== "touch") sayCount(id === null ? circle : null, false);
      if (id === hovered) return;
      hovered = id;
      tell(element, "hover", { id: id });
    });
    map.on("mouseout zoomstart", function () { sayCount(null, false); });
    map.on("moveend", look);
    gl.once("load", look);
    gl.on("error", function (event) {
      var status = event.error && event.error.status;
      if (status === 410) lookAgain(element); // the tiles of a state that is gone
      else if (status !== 404) sayFailed(element, status === 401);
    });
  }

  /* Tiles did not come, perhaps because the session is over. The page is read again: MapLibre does not
     ask for a tile again that failed. */
  function sayFailed(element, isOver) {
    var data = element.dataset;
    notice(element, isOver ? data.wordOver : data.wordFailed || "", true, button(isOver ? data.wordSignIn : data.wordAgain, readAgain));
  }

  /* What a circle counts, in words, while the pointer is on it or since it was touched. Returns
     whether it says something that was not said before. */
  function counter(element, map) {
    var data = element.dataset, language = element.lang || document.documentElement.lang || "id";
    var names = JSON.parse(data.verdicts || "{}"), said = "";
    var tip = window.L.tooltip({ className: "map-count", direction: "top", offset: [0, -8], opacity: 1 });
    return function (circle, isTouch) {
      var key = circle ? [circle.geometry.coordinates, circle.properties.n].join() : "";
      if (key === said) return false;
      said = key;
      tip.remove();
      if (!key) return false;
      var known = circle.properties, box = document.createElement("div"), list = document.createElement("ul");
      box.append(lineOf("b", known.name), lineOf("div", window.portal.fill(data.wordCount, { n: known.n }, language)), list);
      ORDER.slice().reverse().forEach(function (verdict) {
        if (known[verdict]) list.append(lineOf("li", names[verdict] + ": " + known[verdict].toLocaleString(language)));
      });
      if (isTouch) box.append(lineOf("div", data.wordNearer));
      tip.setContent(box).setLatLng([circle.geometry.coordinates[1], circle.geometry.coordinates[0]]).addTo(map);
      return true;
    };
  }
  function lineOf(tag, words) {
    var made = document.createElement(tag);
    made.textContent = words || "";
    return made;
  }

  /* Is another edition in force? Asked each minute, when the page comes back into sight, and where
     a tile is gone. */
  function watchEdition(element) {
    function look() { if (!document.hidden && element.isConnected) lookAgain(element); }
    window.setInterval(look, LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", look);
  }
  function lookAgain(element) {
    if (element.isAsking || !element.dataset.layers) return;
    element.isAsking = true;
    window.portal.loadJson(element.dataset.layers, { "X-Poll": "1" }).then(function (known) {
      if (!known.boundaries || known.boundaries === element.dataset.boundaries) return;
      element.dataset.boundaries = known.boundaries;
      notice(element, window.portal.fill(element.dataset.wordReplaced, { edition: known.edition }), true);
      tell(element, "replaced", known);
    }).catch(function () { /* the line is cut; asked again later */ }).then(function () { element.isAsking = false; });
  }

  /* The circle around places, a little wider than they are drawn: their places in a tile are rounded. */
  function around(map, places) {
    var box = window.L.latLngBounds(places.map(function (place) { return [place[1], place[0]]; })), middle = box.getCenter();
    var unit = 40075017 / Math.pow(2, Math.min(MOST_TILE_ZOOM, Math.floor(map.getZoom() - 1))) / 4096;
    return spot([middle.lng, middle.lat], map.distance(box.getSouthWest(), box.getNorthEast()) / 2 + 2 * unit);
  }
  function spot(place, metres) {
    return [Number(place[0].toFixed(6)), Number(place[1].toFixed(6)), Math.ceil(metres)];
  }

  function grid(box) {
    // a rounded latitude: with the view's own, each move would shift the lines
    var lines = [], middle = Math.round((box.getSouth() + box.getNorth()) / 2 * 10) / 10;
    var dLat = GRID_M / 110574, dLng = GRID_M / (111320 * Math.cos(middle * Math.PI / 180));
    for (var x = Math.floor(box.getWest() / dLng) * dLng; x <= box.getEast(); x += dLng) {
      lines.push([[x, box.getSouth()], [x, box.getNorth()]]);
    }
    for (var y = Math.floor(box.getSouth() / dLat) * dLat; y <= box.getNorth(); y += dLat) {
      lines.push([[box.getWest(), y], [box.getEast(), y]]);
    }
    return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
  }
  function line(from, to, text) {
    return { type: "FeatureCollection", features: [
      { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [from, to] } },
      { type: "Feature", properties: { text: text }, geometry: { type: "Point", coordinates: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] } },
    ] };
  }

  /* A button at the edge, in the direction of the nearest of the points far away that are not in view. */
  function awayButton(element, map) {
    var button = document.createElement("button"), arrow = document.createElement("span"), text = document.createElement("span");
    var number = document.createElement("span"); // in the place of the text where the map is narrow
    var places = [], shown = -1, marks = window.L.layerGroup().addTo(map);
    map.createPane("away").style.zIndex = 450; // above the tiles, below popups
    button.type = "button";
    button.className = "map-away";
    button.hidden = true;
    arrow.className = "map-away__arrow";
    arrow.setAttribute("aria-hidden", "true");
    text.className = "map-away__text";
    number.className = "map-away__count";
    number.setAttribute("aria-hidden", "true");
    button.append(arrow, number, text);
    element.appendChild(button);
    window.L.DomEvent.disableClickPropagation(button);
    button.addEventListener("click", function () {
      var all = window.L.latLngBounds(places.map(latLng));
      map.fitBounds(all, { maxZoom: FAR_ZOOM, padding: [40, 40], animate: false });
      if (map.getBounds().contains(all)) return;
      shown = (shown + 1) % places.length; // too far from each other for one view: one after the other
      map.setView(latLng(places[shown]), FAR_ZOOM, { animate: false });
    });
    function latLng(place) { return [place[1], place[0]]; }
    function fromMiddle(place, size) {
      var at = map.latLngToContainerPoint(latLng(place));
      return { x: at.x - size.x / 2, y: at.y - size.y / 2 };
    }
    function point() {
      if (!places.length) return;
      var size = map.getSize(), centre = map.getCenter(), unseen = places.filter(function (place) {
        var from = fromMiddle(place, size);
        return Math.abs(from.x) >= size.x / 2 || Math.abs(from.y) >= size.y / 2;
      });
      button.hidden = !unseen.length;
      if (button.hidden) return;
      var target = fromMiddle(nearest(unseen, centre), size), dx = target.x, dy = target.y;
      button.classList.toggle("is-short", size.x < SHORT_PX);
      var width = button.offsetWidth / 2 + EDGE_PX, height = button.offsetHeight / 2 + EDGE_PX;
      var scale = Math.min((size.x / 2 - width) / (Math.abs(dx) || 1), (size.y / 2 - height) / (Math.abs(dy) || 1));
      button.style.left = Math.round(size.x / 2 + dx * scale - width + EDGE_PX) + "px";
      button.style.top = Math.round(size.y / 2 + dy * scale - height + EDGE_PX) + "px";
      arrow.textContent = "→↘↓↙←↖↑↗".charAt((Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) + 8) % 8);
    }
    // from afar a tile has counts alone, at the region that is claimed
    function mark() {
      marks.clearLayers();
      places.forEach(function (place) {
        marks.addLayer(window.L.circleMarker(latLng(place), {
          pane: "away", className: "map-far", radius: 9, weight: 3, color: LOOKS.unmapped.color, fillColor: "#fff", fillOpacity: 0.4,
        }).on("click", function (event) {
          if (map.getZoom() > POINTS_FROM || map.portalIsDrawing) return; // the point itself is under it
          window.L.DomEvent.stop(event);
          map.setView(latLng(place), FAR_ZOOM);
        }));
      });
    }
    map.on("moveend resize", point);
    return function (count, found) {
      places = found || [];
      shown = -1;
      mark();
      button.hidden = !count || !places.length;
      number.textContent = Number(count || 0).toLocaleString(element.lang || "id");
      text.textContent = button.title = window.portal.fill(element.dataset.wordAway, { count: number.textContent });
      point();
      window.requestAnimationFrame(point); // once its width is known
    };
  }
  function nearest(places, centre) {
    var best = null, least = Infinity;
    places.forEach(function (place) {
      var distance = Math.pow(place[0] - centre.lng, 2) + Math.pow(place[1] - centre.lat, 2);
      if (distance < least) { least = distance; best = place; }
    });
    return best;
  }

  /* Without WebGL2 or MapLibre: a sentence and plain outlines. The table beside the map has everything
     else. */
  function plain(element, map, extent, words, act) {
    var data = element.dataset, language = element.lang || document.documentElement.lang || "id";
    notice(element, words || "", false, act);
    var outlines = null, drawnLine = null;
    function drawOutlines() {
      if (!data.outlines) return;
      window.portal.loadJson(data.outlines).then(function (found) {
        if (outlines) outlines.remove();
        outlines = window.L.geoJSON(found, { interactive: false, style: { color: BORDER, weight: 1.5, fillColor: "#fff", fillOpacity: 0.5 } }).addTo(map);
      }).catch(function () { /* the list has everything */ });
    }
    drawOutlines();
    element.addEventListener("vectormap:replaced", drawOutlines);
    window.setTimeout(function () { tell(element, "plain", {}); }, 0);
    return {
      isPlain: true,
      setQuery: function (query) { data.query = query || ""; },
      reload: function () {},
      highlight: function () {},
      drawLine: function (from, to, metres) {
        this.clearLine();
        drawnLine = window.L.polyline([[from[1], from[0]], [to[1], to[0]]], { color: INK, weight: 2, dashArray: "4 3" }).addTo(map);
        drawnLine.bindTooltip(window.portal.fill(data.wordMetres, { metres: metres.toLocaleString(language) }), {
          permanent: true, direction: "top", className: "map-metres", opacity: 1,
        });
      },
      clearLine: function () { if (drawnLine) drawnLine.remove(); drawnLine = null; },
      showAway: awayButton(element, map),
      fitExtent: function () { if (extent) map.fitBounds([[extent[1], extent[0]], [extent[3], extent[2]]]); },
      remove: function () {},
    };
  }

  /* A sentence above the map, with what can be done; `canClose`: it says what happened, not what the
     map is. */
  function notice(element, text, canClose, act) {
    var kind = canClose ? "map-told" : "map-plain", box = element.querySelector("." + kind) || document.createElement("div");
    var words = document.createElement("span");
    box.className = kind;
    box.setAttribute("role", "status");
    words.textContent = text;
    box.replaceChildren(words);
    if (act) box.appendChild(act);
    if (canClose) box.appendChild(closing(element, box));
    element.appendChild(box);
    if (window.L) window.L.DomEvent.disableClickPropagation(box);
  }
  function closing(element, box) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", element.dataset.wordClose || "×");
    button.addEventListener("click", function () { box.remove(); element.focus(); });
    return button;
  }
  function tell(element, name, detail) {
    element.dispatchEvent(new CustomEvent("vectormap:" + name, { bubbles: true, detail: detail }));
  }
  function numbers(text) {
    var found = (text || "").split(",").map(Number);
    return found.length === 4 && found.every(isFinite) ? found : null;
  }

  window.VectorMap = { mount: mount, looks: LOOKS, order: ORDER };
})();
