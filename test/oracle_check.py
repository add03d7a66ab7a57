"""Compare a built cube and its lake with expected values that other programs computed.

usage: oracle_check.py ORACLE.json GRID METHOD CUBE.zarr [CATALOG DATA_PATH]
Prints one JSON object: what was compared, the worst figures, and what is outside the marks that the oracle states.
"""
import hashlib, json, os, sys
import numpy as np, zarr

oracle = json.load(open(sys.argv[1])); grid, method, cube = sys.argv[2:5]
root = zarr.open_group(cube, mode='r')
days = oracle['days']; wrong = []
out = dict(planes=0, hashes=0, sum=0.0, count=0.0, samples=0, samples_equal=1.0, samples_within_1=1.0)
for t, day in enumerate(days):
    for band in oracle['bands'] + ['reason']:
        key = f'{grid}|{method}|masked|{day}|{band}'; want = oracle['layers'][key]; out['planes'] += 1
        plane = np.ascontiguousarray(root[band][t])
        same = hashlib.sha256(plane.tobytes()).hexdigest() == want['sha256']; out['hashes'] += same
        if grid == 'utm33' and not same: wrong.append(f'{key}: other bytes')
        s = float(plane.astype('f8').sum()); rel = abs(s - want['sum']) / max(1.0, abs(want['sum']))
        nz = abs(int((plane != 0).sum()) - want['nonzero']) / plane.size
        out['sum'] = max(out['sum'], rel); out['count'] = max(out['count'], nz)
        if rel > 1e-4 and band != 'reason': wrong.append(f'{key}: sum off by {rel:.2e}')
        if nz > 2e-4: wrong.append(f'{key}: count off by {nz:.2e}')
        values = oracle['samples'].get(grid, {}).get('values', {}).get(f'{method}|{day}|{band}')
        if values is not None and grid != 'utm33':
            r, c = np.array(oracle['samples'][grid]['rows']), np.array(oracle['samples'][grid]['cols'])
            d = np.abs(plane[r, c].astype('f8') - np.array(values, 'f8')); out['samples'] += len(d)
            equal, near = float((d == 0).mean()), float((d <= 1).mean())
            out['samples_equal'] = min(out['samples_equal'], equal); out['samples_within_1'] = min(out['samples_within_1'], near)
            mark = equal if grid == 'geo' or method == 'nearest' or band in ('scl', 'reason') else near
            need = 0.9995 if grid == 'geo' else 0.999 if method == 'nearest' or band in ('scl', 'reason') else 0.995
            if mark < need: wrong.append(f'{key}: {mark:.5f} of the samples, expected {need}')
if len(sys.argv) > 5:
    import duckdb, glob, importlib.util
    def ext(n):
        spec = importlib.util.find_spec('duckdb_extension_' + n)
        return glob.glob(os.path.join(list(spec.submodule_search_locations)[0], 'extensions', 'v' + duckdb.__version__, '*.duckdb_extension'))[0]
    con = duckdb.connect(config={'autoinstall_known_extensions': False, 'autoload_known_extensions': False})
    for n in ('ducklake', 'spatial'): con.execute(f"LOAD '{ext(n)}'")
    con.execute(f"ATTACH 'ducklake:{sys.argv[5]}' AS lake (DATA_PATH '{os.path.abspath(sys.argv[6])}/', READ_ONLY, OVERRIDE_DATA_PATH true)")
    rows = con.execute("select label_id, strftime(time, '%Y-%m-%d'), band, count, mean, stdev, min, max, median, coverage from lake.cube.label_stats").fetchall()
    got = {(r[1], r[2], r[0] - 1): r[3:] for r in rows}; worst = 0.0; n = 0; L = oracle['labels']
    cols = L['columns']; i = {c: k for k, c in enumerate(cols)}; out['columns'] = cols
    for row in L['stats']:
        if not row[i['masked']]: continue
        mine = got.get((row[i['day']], row[i['band']], row[i['row']])); n += 1
        if mine is None: wrong.append(f'no row for {row[:4]}'); continue
        for name, value in zip(('count', 'mean', 'stdev', 'min', 'max', 'median'), mine):
            if name not in i: continue
            want = row[i[name]]
            if want is None or value is None:
                if (want is None) != (value is None): wrong.append(f'{row[:4]} {name}: {value}, expected {want}')
                continue
            rel = abs(value - want) / max(abs(want), 1e-3 if name == 'stdev' else 1e-12)
            worst = max(worst, rel)
            if rel > 1e-6: wrong.append(f'{row[:4]} {name}: {value}, expected {want}')
    cov = {r[0] - 1: r[9] for r in rows}
    for row, want in zip(L['rows'], L['coverage']):
        rel = abs(cov.get(row, 0) - want) / want; worst = max(worst, rel)
        if rel > 1e-6: wrong.append(f'coverage of {row}: {cov.get(row)}, expected {want}')
    if len(cov) != len(L['rows']): wrong.append(f'{len(cov)} labels, expected {len(L["rows"])}')
    out.update(label_rows=n, label_worst=worst)
print(json.dumps(dict(**out, outside=len(wrong), wrong=wrong[:20]), indent=1))
