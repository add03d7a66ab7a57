"""Writes src/grid/epsg-table.ts from the EPSG dataset that comes with PROJ.

    pip install pyproj==3.7.2 && python scripts/make-epsg-table.py > src/grid/epsg-table.ts

Angles are degrees, lengths metres. The datum shift to WGS 84 is the operation that PROJ itself ranks first among those
that need no grid file, as seven position vector parameters (metres, arc seconds, parts per million).
"""
import re
import warnings

warnings.filterwarnings("ignore")
from pyproj import CRS, Transformer, proj_version_str
from pyproj.database import get_database_metadata, query_crs_info
from pyproj.transformer import TransformerGroup

# EPSG method code -> EPSG parameter codes in the order of METHODS in src/grid/projection-methods.ts.
METHODS = {
    9807: [8801, 8802, 8805, 8806, 8807],
    9801: [8801, 8802, 8805, 8806, 8807],
    9802: [8821, 8822, 8823, 8824, 8826, 8827],
    9804: [8801, 8802, 8805, 8806, 8807],
    9805: [8823, 8802, 8806, 8807],
    1024: [8801, 8802, 8806, 8807],
    9820: [8801, 8802, 8806, 8807],
    9822: [8821, 8822, 8823, 8824, 8826, 8827],
    9809: [8801, 8802, 8805, 8806, 8807],
    9810: [8801, 8802, 8805, 8806, 8807],
    9829: [8832, 8833, 8806, 8807],
    9835: [8823, 8802, 8806, 8807],
    1041: [8811, 8833, 1036, 8818, 8819, 8806, 8807],
    9812: [8811, 8812, 8813, 8814, 8815, 8806, 8807],
    9815: [8811, 8812, 8813, 8814, 8815, 8816, 8817],
    9806: [8801, 8802, 8806, 8807],
    9818: [8801, 8802, 8806, 8807],
    1125: [8801, 8802, 8806, 8807],
    1078: [8802, 8806, 8807],
    1028: [8823, 8802, 8806, 8807],
}
# Spherical forms of the same methods; legal only where the base is a sphere.
SPHERICAL = {1027: 9820, 9834: 9835, 1029: 1028, 9841: 9804}
# Datums whose Helmert fallback is worse than this and whose best operation is a grid are refused.
WORST_FALLBACK_METRES = 5


def unit_factor(unit):
    if isinstance(unit, dict):
        return unit["conversion_factor"]
    return {"metre": 1, "unity": 1, "degree": 0.017453292519943295}[unit]


def number(value):
    value = float(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def degrees(value, unit):
    if unit == "degree":
        return float(value)
    return round(value * unit_factor(unit) * 57.29577951308232, 13)


def position_vector(text):
    """The seven parameters of one PROJ pipeline, zeros for an identity, None for anything else."""
    steps = [s.strip() for s in re.split(r"\bstep\b", text) if s.strip() not in ("", "proj=pipeline")]
    silent = r"^(inv )?proj=(unitconvert|push|pop|cart|longlat|axisswap|noop)\b"
    telling = [s for s in steps if not re.match(silent, s)]
    if not telling:
        return [0.0] * 7
    if len(telling) > 1 or re.search(r"\bd[xyzs]=|t_epoch", telling[0]):
        return None
    p = dict(re.findall(r"(\w+)=(\S+)", telling[0]))
    if p["proj"] not in ("helmert", "molobadekas"):
        return None
    sign = -1 if p.get("convention") == "coordinate_frame" else 1
    t = [float(p.get(k, 0)) for k in "xyz"]
    r = [sign * float(p.get(k, 0)) for k in ("rx", "ry", "rz")]
    s = float(p.get("s", 0))
    if p["proj"] == "molobadekas":
        # T + P + m R (X - P) is a Helmert transformation whose translation is T + P - m R P.
        x, y, z = (float(p[k]) for k in ("px", "py", "pz"))
        a, b, c = (v * 3.141592653589793 / 648000 for v in r)
        m = 1 + s * 1e-6
        turned = [m * (x - c * y + b * z), m * (c * x + y - a * z), m * (-b * x + a * y + z)]
        t = [round(d + v - w, 6) for d, v, w in zip(t, (x, y, z), turned)]
    if telling[0].startswith("inv"):
        t, r, s = [-v for v in t], [-v for v in r], -s
    return [v or 0.0 for v in (*t, *r, s)]


def shift_text(shift):
    return ",".join(number(round(v, 12)) for v in (shift if any(shift[3:]) else shift[:3])) if any(shift) else "0"


def local_shift(crs):
    """The shift of the operation that PROJ takes in at least half of a projected system's area, or None."""
    area, base = crs.area_of_use, crs.geodetic_crs
    east = area.east + (360 if area.east < area.west else 0)
    places = [(area.west + (east - area.west) * i / 5, area.south + (area.north - area.south) * j / 5) for i in range(1, 5) for j in range(1, 5)]
    lon, lat = zip(*places)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    x, y = Transformer.from_crs(crs, base, always_xy=True).transform(x, y)
    best = (0, None)
    for operation in TransformerGroup(base, 4326, always_xy=True, allow_ballpark=False).transformers:
        shift = position_vector(operation.definition)
        if shift is None:
            continue
        u, v = operation.transform(lon, lat, direction="INVERSE")
        hits = sum(abs(a - c) + abs(b - d) < 2e-8 for a, b, c, d in zip(x, y, u, v))
        if hits > best[0]:
            best = (hits, shift)
    return shift_text(best[1]) if best[0] >= len(places) / 2 else None


def shift_of(crs):
    """"dx,dy,dz[,rx,ry,rz,s]", "0" (identical), "@grid" (needs it) or "?" (unknown)."""
    try:
        group = TransformerGroup(crs, 4326, always_xy=True, allow_ballpark=False)
    except IndexError:  # pyproj's answer to an empty group
        return "?"
    for operation in group.transformers:
        shift = position_vector(operation.definition)
        if shift is None:
            continue
        if not group.best_available and (operation.accuracy or 0) > WORST_FALLBACK_METRES:
            break
        return shift_text(shift)
    return next(("@" + o.grids[0].short_name for o in group.unavailable_operations if o.grids), "?")


def passes_unchanged(crs):
    """Frames that differ from WGS 84 by a metre or two, and bodies without any place on the Earth: PROJ shifts nothing."""
    e = crs.ellipsoid
    modern = abs(e.semi_major_metre - 6378137) < 0.01 and abs((e.inverse_flattening or 0) - 298.257223) < 1e-4
    name = crs.datum.name
    families = ("NAD83", "North American Datum of 1983", "SIRGAS", "Australian Terrestrial", "IG", "ETRS89", "China", "Latvian", "Israeli", "International Terrestrial")
    return (
        e.semi_major_metre == e.semi_minor_metre
        or name.startswith(("Not specified", "Hughes 1980"))
        or (modern and name.startswith(families))
    )


def datum_of(crs):
    return crs.datum.to_json_dict()


def main():
    import sqlite3
    from pyproj.datadir import get_data_dir

    database = sqlite3.connect(f"{get_data_dir()}/proj.db")
    aliases = {}
    for code, name in database.execute("select code, alt_name from alias_name where table_name='geodetic_datum' and auth_name='EPSG'"):
        aliases.setdefault(int(code), []).append(name)
    deprecated = {int(c) for (c,) in database.execute("select code from geodetic_crs where auth_name='EPSG' and deprecated=1")}
    normal = lambda text: re.sub(r"[^a-z0-9]", "", re.sub(r"^D_", "", text).lower().replace("+", "plus"))

    ellipsoids, datums, geographic, conversions, projected, units = {}, {}, [], {}, [], {}
    refused, horizontal, seen = {}, [], set()

    def add_geographic(crs, code):
        if code in seen:
            return
        seen.add(code)
        datum = datum_of(crs)
        datum_code = datum["id"]["code"]
        name = re.sub(r" ensemble$", "", datum["name"])
        e = crs.ellipsoid
        rf = e.inverse_flattening
        ellipsoid = ellipsoids.setdefault((e.name, e.semi_major_metre, 0 if e.semi_major_metre == e.semi_minor_metre else rf), len(ellipsoids))
        pm = crs.prime_meridian
        meridian = degrees(pm.longitude, {"conversion_factor": pm.unit_conversion_factor} if pm.unit_name != "degree" else "degree")
        axis = crs.axis_info[0]
        order = "".join(a.direction[0] for a in crs.axis_info[:2])
        unit = units.setdefault((axis.unit_name, axis.unit_conversion_factor), len(units))
        if datum_code not in datums:
            names = {normal(n) for n in aliases.get(datum_code, [])} - {normal(name), ""}
            datums[datum_code] = [name, ellipsoid, None, sorted(names)]
        shift = shift_of(crs) if datums[datum_code][2] in (None, "?") else None
        if shift is not None:
            datums[datum_code][2] = "~" if shift[0] in "?@" and passes_unchanged(crs) else shift
        geographic.append((code, crs.name, datum_code, "" if meridian == 0 else f"{pm.name}={number(meridian)}", unit, order))

    def refuse(code, why):
        refused.setdefault(why, []).append(code)

    listed = query_crs_info(auth_name="EPSG", pj_types=["GEOGRAPHIC_2D_CRS", "GEOGRAPHIC_3D_CRS"], allow_deprecated=True)
    for info in sorted(listed, key=lambda i: ("3D" in str(i.type), i.deprecated, int(i.code))):
        add_geographic(CRS.from_epsg(int(info.code)), int(info.code))
    listed = query_crs_info(auth_name="EPSG", pj_types=["PROJECTED_CRS"], allow_deprecated=True)
    for info in sorted(listed, key=lambda i: int(i.code)):
        code, crs = int(info.code), CRS.from_epsg(int(info.code))
        j = crs.to_json_dict()
        method, base = j["conversion"]["method"], crs.geodetic_crs.to_json_dict()
        sphere = crs.ellipsoid.semi_major_metre == crs.ellipsoid.semi_minor_metre
        method_code = method["id"]["code"]
        if sphere:
            method_code = SPHERICAL.get(method_code, method_code)
        order = "".join(a.direction[0] for a in crs.axis_info[:2])
        if method_code not in METHODS:
            refuse(code, f"the projection {method['name']}")
            continue
        if order not in ("en", "ne", "nn", "ss"):
            refuse(code, f"axes that point {crs.axis_info[0].direction} and {crs.axis_info[1].direction}")
            continue
        if "id" not in base or base["id"]["authority"] != "EPSG":
            refuse(code, "a base system outside EPSG")
            continue
        add_geographic(crs.geodetic_crs, base["id"]["code"])
        values = {}
        for p in j["conversion"]["parameters"]:
            unit, pid = p["unit"], p["id"]["code"]
            kind = unit if isinstance(unit, str) else unit["type"]
            values[pid] = degrees(p["value"], unit) if kind in ("degree", "AngularUnit") else p["value"] * unit_factor(unit)
        row = (j["conversion"]["name"], method_code, ",".join(number(values.get(p, 1 if p in (8805, 8815) else 0)) for p in METHODS[method_code]))
        conversion = conversions.setdefault(row, len(conversions))
        axis = crs.axis_info[0]
        unit = units.setdefault((axis.unit_name, axis.unit_conversion_factor), len(units))
        default = f"{crs.geodetic_crs.name} / {row[0]}"
        shift = datums[crs.datum.to_json_dict()["id"]["code"]][2]
        local = None if shift[0] in "0~?@" or crs.area_of_use is None else local_shift(crs)
        local = "" if local in (None, shift) else local
        projected.append((code, base["id"]["code"], conversion, unit, order, "" if crs.name == default else crs.name, local))
    done = {p[0] for p in projected} | seen
    for info in query_crs_info(auth_name="EPSG", pj_types=["COMPOUND_CRS"], allow_deprecated=True):
        part = CRS.from_epsg(int(info.code)).sub_crs_list[0].to_json_dict()
        if part.get("id", {}).get("code") in done:
            horizontal.append((int(info.code), part["id"]["code"]))

    epsg = get_database_metadata("EPSG.VERSION")
    print(f"""/**
 * Generated by scripts/make-epsg-table.py from the EPSG Geodetic Parameter Dataset {epsg} (owned by IOGP) as PROJ {proj_version_str}
 * ships it. Sections are divided by empty lines: units, ellipsoids, datums, geographic systems, conversions, projected
 * systems, horizontal parts of compound systems, systems that we refuse. Angles are degrees, lengths metres. A datum's
 * shift to WGS 84 is "0" (none), position vector parameters, "~" (not known, taken as none), "@file" (needs that grid) or
 * "?" (not known); a projected system may have its own, where PROJ takes another operation in most of its area.
 */
export const EPSG_TABLE = `""", end="")
    sections = [
        [f"{name}|{number(factor)}" for name, factor in units],
        [f"{name}|{number(a)}|{number(rf)}" for name, a, rf in ellipsoids],
        ["|".join([str(code), d[0], str(d[1]), d[2], ",".join(d[3])]) for code, d in sorted(datums.items())],
        ["|".join(str(v) for v in g) for g in sorted(geographic)],
        ["|".join(str(v) for v in c) for c in conversions],
        ["|".join(str(v) for v in p) for p in projected],
        [f"{code}|{part}" for code, part in sorted(horizontal)],
        [f"{why}|{','.join(map(str, codes))}" for why, codes in refused.items()],
    ]
    print("\n\n".join("\n".join(s) for s in sections) + "`;")


main()
