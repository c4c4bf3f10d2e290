#!/usr/bin/env python3
"""generate.py UCD_DIR > properties.txt: the Unicode Character Database's properties in one compact text.

Lines: `P short|aliases...` opens a property, `V short|aliases... ranges` is a value of it with its code points,
`D short|aliases...` the value of all other code points. Ranges are base 36 `gap` or `gap,more`: how far behind
the end of the last range one starts, and how many code points follow its first.
"""
import collections, os, sys

DIR = sys.argv[1]
DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'


def b36(n):
    out = ''
    while True:
        n, r = divmod(n, 36)
        out = DIGITS[r] + out
        if not n:
            return out


def rows(name):
    path = os.path.join(DIR, name)
    if not os.path.exists(path):
        return
    for line in open(path, encoding='utf-8'):
        line = line.split('#')[0].strip()
        if line:
            yield [f.strip() for f in line.split(';')]


def first(*names):
    for n in names:
        if os.path.exists(os.path.join(DIR, n)):
            return n
    return names[0]


def span(text):
    lo, _, hi = text.partition('..')
    return int(lo, 16), int(hi or lo, 16)


ALIASES = {}
for f in rows(first('PropertyAliases.txt', 'PropAliases.txt')):
    for n in f:
        ALIASES.setdefault(n.lower(), f)
VALUES = collections.defaultdict(list)
for f in rows(first('PropertyValueAliases.txt', 'PropValueAliases.txt')):
    VALUES[f[0]].append(f[1:])


def loose(s):
    return s.lower().replace('_', '').replace('-', '').replace(' ', '')


def names(prop):
    return ALIASES.get(prop.lower(), [prop])


def emit(prop, table, default=None):
    """`table`: value → ranges."""
    out = ['P ' + '|'.join(dict.fromkeys(names(prop)))]
    short = names(prop)[0]
    known = {}
    for v in VALUES.get(short, []):
        for n in v:
            known.setdefault(loose(n), v)

    def label(v):
        return '|'.join(dict.fromkeys(n for n in known.get(loose(v), [v]) if n != 'n/a'))

    seen = set()
    for v in table:
        ranges = []
        for lo, hi in sorted(table[v]):
            if ranges and lo <= ranges[-1][1] + 1:
                ranges[-1][1] = max(hi, ranges[-1][1])
            else:
                ranges.append([lo, hi])
        at, text = 0, []
        for lo, hi in ranges:
            text.append(b36(lo - at) + (',' + b36(hi - lo) if hi > lo else ''))
            at = hi + 1
        seen.add(label(v))
        out.append('V ' + label(v).replace(' ', '_') + ' ' + ' '.join(text))
    if default is not None:
        seen.add(label(default))
        out.append('D ' + label(default).replace(' ', '_'))
    # values that no code point has
    for v in VALUES.get(short, []):
        t = '|'.join(dict.fromkeys(n for n in v if n != 'n/a'))
        if t not in seen and default is not None:
            out.append('V ' + t.replace(' ', '_'))
    print('\n'.join(out))


def column(name, prop, default, col=1):
    t = collections.defaultdict(list)
    for f in rows(name):
        if f[col] != default:
            t[f[col]].append(span(f[0]))
    if t:
        emit(prop, t, default)


def several(name, prop, default):
    t = collections.defaultdict(list)
    for f in rows(name):
        for v in f[1].split():
            t[v].append(span(f[0]))
    if t:
        emit(prop, t, default)


X = 'extracted/'
column(first(X + 'DCombiningClass.txt', X + 'DerivedCombiningClass.txt'), 'ccc', '0')
column(first(X + 'DDecompositionType.txt', X + 'DerivedDecompositionType.txt'), 'dt', 'None')
column(first(X + 'DNumType.txt', X + 'DerivedNumericType.txt'), 'nt', 'None')
column(first(X + 'DNumValues.txt', X + 'DerivedNumericValues.txt'), 'nv', 'NaN', 3)
column(first(X + 'DJoinGroup.txt', X + 'DerivedJoiningGroup.txt'), 'jg', 'No_Joining_Group')
column(first(X + 'DJoinType.txt', X + 'DerivedJoiningType.txt'), 'jt', 'U')
column(first(X + 'DEastAsianWidth.txt', X + 'DerivedEastAsianWidth.txt'), 'ea', 'N')
column(first(X + 'DLineBreak.txt', X + 'DerivedLineBreak.txt'), 'lb', 'XX')
column('HangulSyllableType.txt', 'hst', 'Not_Applicable')
column('IndicPositionalCategory.txt', 'InPC', 'NA')
column('IndicSyllabicCategory.txt', 'InSC', 'Other')
column('VerticalOrientation.txt', 'vo', 'R')
column('BidiBrackets.txt', 'bpt', 'n', 2)
column(first('IdStatus.txt', 'IdentifierStatus.txt'), 'Identifier_Status', 'Restricted')
several(first('IdType.txt', 'IdentifierType.txt'), 'Identifier_Type', 'Not_Character')
column(first(X + 'DGeneralCategory.txt', X + 'DerivedGeneralCategory.txt'), 'gc', 'Cn')
column(first(X + 'DBidiClass.txt', X + 'DerivedBidiClass.txt'), 'bc', 'L')
column('Blocks.txt', 'blk', 'No_Block')
column(first('DAge.txt', 'DerivedAge.txt'), 'age', 'Unassigned')
column('auxiliary/GraphemeBreakProperty.txt', 'GCB', 'Other')
column('auxiliary/SentenceBreakProperty.txt', 'SB', 'Other')
column('auxiliary/WordBreakProperty.txt', 'WB', 'Other')
column('Scripts.txt', 'sc', 'Unknown')
extended = {}
for f in rows('ScriptExtensions.txt'):
    lo, hi = span(f[0])
    for c in range(lo, hi + 1):
        extended[c] = f[1].split()
LONG = {}
for v in VALUES['sc']:
    for n in v:
        LONG[loose(n)] = v[0]
scripts = collections.defaultdict(list)
for f in rows('Scripts.txt'):
    lo, hi = span(f[0])
    for c in range(lo, hi + 1):
        for v in extended.get(c, [LONG.get(loose(f[1]), f[1])]):
            scripts[v].append((c, c))
VALUES['scx'] = VALUES['sc']
emit('scx', scripts, 'Zzzz')
quick = collections.defaultdict(lambda: collections.defaultdict(list))
binary = collections.defaultdict(list)
for name in [first('DCoreProperties.txt', 'DerivedCoreProperties.txt'), 'PropList.txt',
             first(X + 'DBinaryProperties.txt', X + 'DerivedBinaryProperties.txt'),
             first('DNormalizationProps.txt', 'DerivedNormalizationProps.txt'),
             first('emoji/emoji.txt', 'emoji/emoji-data.txt')]:
    for f in rows(name):
        if len(f) == 2:
            binary[f[1]].append(span(f[0]))
        elif f[1].endswith('_QC') or f[1] == 'InCB':
            quick[f[1]][f[2]].append(span(f[0]))
for p in quick:
    emit(p, quick[p], 'None' if p == 'InCB' else 'Y')
for f in rows('CompositionExclusions.txt'):
    binary['Composition_Exclusion'].append(span(f[0]))
for f in rows('Unikemet.txt'):
    # tab-separated: code point, property, value
    t = f[0].split('\t')
    if len(t) == 3 and t[1] in ('kEH_NoMirror', 'kEH_NoRotate') and t[2] == 'Y':
        binary[t[1]].append(span(t[0].removeprefix('U+')))
# what only serves to make other properties is none of its own for patterns
for p in [p for p in binary if p.startswith(('Expands_On_', 'Other_'))]:
    del binary[p]
for p in sorted(binary):
    emit(p, {'Y': binary[p]}, 'N')
