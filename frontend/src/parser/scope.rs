//! Pads and lexical scopes: perl's rule for which declaration a name means.
//!
//! `vis` is one stack of all names visible so far, innermost last; a [`Unit`] is a sub being compiled with its
//! pad; a [`ScopeMark`] a block. A declared name becomes visible at the next statement (`my $x = $x`).
use super::*;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT_PAD: AtomicU64 = AtomicU64::new(1);

/// A sub (file, eval) under compilation.
pub(crate) struct Unit {
    pub pad: Pad,
    pub kind: SubKind,
    /// Captures made so far: entry of the outer pad to entry of this one.
    captures: HashMap<PadIdx, PadIdx>,
    /// Fields bound so far, by number.
    fields: HashMap<u32, PadIdx>,
    pub uses_args: bool,
    /// `return` and `@_` belong to a sub.
    pub in_sub: bool,
    pub class_method: bool,
    /// The class whose method this is.
    pub class: Option<Name>,
    pub self_idx: Option<PadIdx>,
    /// A signature is in use: `@_` is deprecated inside.
    pub has_sig: bool,
    /// First scope of this unit.
    scope_base: usize,
}

/// A field of a class, as its declaration is found.
#[derive(Clone, Debug)]
pub(crate) struct FieldRef {
    pub index: u32,
    pub class: Name,
}

/// A visible name.
pub(crate) struct Vis {
    pub name: Name,
    unit: usize,
    idx: PadIdx,
    our: Option<Name>,
    field: Option<FieldRef>,
    state: bool,
    import: Option<LexImport>,
    /// Prototype of a lexical sub.
    proto: Option<PStr>,
    /// `my Class $x`
    class: Option<Name>,
    introduced: bool,
}

/// A block.
pub(crate) struct ScopeMark {
    vis_base: usize,
    /// Names from here on are declared but not yet introduced.
    pending: usize,
    lexicals: Vec<PadIdx>,
    hints: Rc<Hints>,
    package: Name,
}

/// What a name resolves to.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Lex(PadIdx),
    Our(Name),
    Import(LexImport),
    /// A field that cannot be reached from here: perl's message.
    OutOfReach(String),
    No,
}

impl Parser<'_> {
    pub(crate) fn push_unit(&mut self, kind: SubKind) {
        let outer = self.units.last().map(|u| u.pad.id);
        let id = PadId(NEXT_PAD.fetch_add(1, Ordering::Relaxed));
        let pad = Pad { id, outer, entries: Vec::new(), has_eval: false };
        let in_sub = matches!(kind, SubKind::Named | SubKind::Anon | SubKind::Lexical | SubKind::Adjust);
        self.units.push(Unit {
            pad,
            kind,
            captures: HashMap::new(),
            fields: HashMap::new(),
            uses_args: false,
            in_sub,
            class_method: false,
            class: None,
            self_idx: None,
            has_sig: false,
            scope_base: self.scopes.len(),
        });
    }

    pub(crate) fn pop_unit(&mut self) -> Unit {
        let unit = self.units.pop().expect("units are pushed and popped in pairs");
        self.scopes.truncate(unit.scope_base);
        unit
    }

    pub(crate) fn unit(&mut self) -> &mut Unit {
        self.units.last_mut().expect("a unit is always being compiled")
    }

    /// Makes a stand-in for the sub that runs `eval EXPR`, so that its variables can be captured.
    pub(crate) fn open_eval_scope(&mut self, scope: &EvalScope) {
        self.push_unit(SubKind::Eval);
        self.unit().pad.id = scope.pad;
        self.unit().in_sub = scope.in_sub;
        self.unit().class = scope.class.clone();
        for v in &scope.names {
            self.vis.push(Vis {
                name: v.name.clone(),
                unit: 0,
                idx: v.idx,
                our: v.our.clone(),
                field: None,
                state: v.state,
                import: v.import.clone(),
                proto: v.proto.clone(),
                class: None,
                introduced: true,
            });
        }
    }

    pub(crate) fn push_scope(&mut self) {
        self.scopes.push(ScopeMark {
            vis_base: self.vis.len(),
            pending: self.vis.len(),
            lexicals: Vec::new(),
            hints: self.hints.clone(),
            package: self.package.clone(),
        });
    }

    /// Leaves a scope: names go, pragmas and package are restored. Returns the variables declared in it.
    pub(crate) fn pop_scope(&mut self) -> Vec<PadIdx> {
        let Some(s) = self.scopes.pop() else { return Vec::new() };
        self.vis.truncate(s.vis_base);
        self.vis_generation += 1;
        self.hints = s.hints;
        self.package = s.package;
        s.lexicals
    }

    /// Makes pending declarations visible.
    pub(crate) fn intro(&mut self) {
        let Some(s) = self.scopes.last_mut() else { return };
        if s.pending < self.vis.len() {
            for v in &mut self.vis[s.pending..] {
                v.introduced = true;
            }
            s.pending = self.vis.len();
            self.vis_generation += 1;
        }
    }

    fn add_entry(&mut self, name: &str, kind: PadKind, line: u32) -> PadIdx {
        let entries = &mut self.unit().pad.entries;
        let entry =
            PadEntry { name: name.into(), kind, captured: false, ref_taken: false, outer: None, line };
        entries.push(entry);
        (entries.len() - 1) as PadIdx
    }

    /// Declares a lexical; it becomes visible at the next [`Parser::intro`].
    pub(crate) fn declare(&mut self, name: &str, kind: PadKind) -> PResult<PadIdx> {
        let line = self.line();
        self.warn_masked(name, &kind)?;
        let state = matches!(kind, PadKind::State);
        let our = if let PadKind::Our(n) = &kind { Some(n.clone()) } else { None };
        let field = match (&kind, &self.class) {
            (PadKind::Field(n), Some(c)) => Some(FieldRef { index: *n, class: c.name() }),
            _ => None,
        };
        let import = if let PadKind::Import(i) = &kind { Some(i.clone()) } else { None };
        let releases = matches!(kind, PadKind::My | PadKind::Sub);
        let idx = self.add_entry(name, kind, line);
        let unit = self.units.len() - 1;
        if releases && let Some(s) = self.scopes.last_mut() {
            s.lexicals.push(idx);
        }
        let introduced = false;
        self.vis.push(Vis {
            name: name.into(),
            unit,
            idx,
            our,
            field,
            state,
            import,
            proto: None,
            class: None,
            introduced,
        });
        self.vis_generation += 1;
        Ok(idx)
    }

    /// The class of a variable that was declared with one.
    pub(crate) fn declared_class(&self, name: &str) -> Option<Name> {
        self.vis.iter().rev().find(|v| v.introduced && &*v.name == name)?.class.clone()
    }

    /// The number of names declared so far, for [`Parser::set_declared_class`].
    pub(crate) fn declared_so_far(&self) -> usize {
        self.vis.len()
    }

    /// The names declared since then belong to that class.
    pub(crate) fn set_declared_class(&mut self, since: usize, class: &Name) {
        for v in self.vis.iter_mut().skip(since) {
            v.class = Some(class.clone());
        }
    }

    fn warn_masked(&mut self, name: &str, kind: &PadKind) -> PResult {
        let base = self.scopes.last().map_or(0, |s| s.vis_base);
        let new_word = match kind {
            PadKind::Our(_) => "our",
            PadKind::State => "state",
            PadKind::Field(_) => "field",
            _ => "my",
        };
        let base = base.min(self.vis.len());
        let found = self.vis[base..].iter().rev().find(|v| &*v.name == name);
        if let (None, PadKind::Our(full)) = (found, kind) {
            // An `our` of a scope around this one means the same variable.
            let unit = self.units.len() - 1;
            let same = |v: &Vis| v.unit == unit && v.our.as_ref() == Some(full);
            let outer = self.vis[..base].iter().rev().find(|v| &*v.name == name && same(v));
            if outer.is_some() {
                self.warn(warn::SHADOW, &format!("\"our\" variable {name} redeclared"))?;
                return self.warn(warn::SHADOW, "\t(Did you mean \"local\" instead of \"our\"?)\n");
            }
        }
        let Some(v) = found else { return Ok(()) };
        if v.unit + 1 != self.units.len() {
            return Ok(());
        }
        if let Some(f) = &v.field
            && self.class.as_ref().is_none_or(|c| c.name() != f.class)
        {
            return Ok(());
        }
        if let (PadKind::Our(new), Some(old)) = (kind, &v.our)
            && new != old
        {
            return Ok(());
        }
        let what = if name.starts_with('&') { "subroutine" } else { "variable" };
        let wher = if v.introduced { "scope" } else { "statement" };
        let msg = if v.our.is_some() && new_word == "our" {
            format!("\"our\" {what} {name} redeclared")
        } else {
            format!("\"{new_word}\" {what} {name} masks earlier declaration in same {wher}")
        };
        self.warn(warn::SHADOW, &msg)
    }

    /// Looks a name (with sigil) up, capturing it into the current sub if it belongs to an outer one.
    pub(crate) fn lookup(&mut self, name: &str) -> Found {
        let Some(v) = self.vis.iter().rev().find(|v| v.introduced && &*v.name == name) else {
            // An `our` being declared is visible at once: `our $x = $x`.
            let current = self.units.len() - 1;
            let pending = self.vis.iter().rev().find(|v| v.unit == current && &*v.name == name);
            let pending = pending.filter(|_| !name.starts_with('&'));
            return pending.and_then(|v| v.our.clone()).map_or(Found::No, Found::Our);
        };
        if let Some(our) = &v.our {
            return Found::Our(our.clone());
        }
        if let Some(i) = &v.import {
            return Found::Import(i.clone());
        }
        let (unit, idx, field, state) = (v.unit, v.idx, v.field.clone(), v.state);
        if let Some(f) = field {
            return match self.field_here(unit, &f, name) {
                Ok(idx) => Found::Lex(idx),
                Err(msg) => Found::OutOfReach(msg),
            };
        }
        let new = self.units.last().map_or(0, |u| u.pad.entries.len());
        let found = self.capture(unit, idx, name);
        if !state {
            self.unshared(unit, found as usize >= new, name);
        }
        Found::Lex(found)
    }

    /// Notes the prototype of a lexical sub that is being declared or defined.
    pub(crate) fn set_lexical_proto(&mut self, name: &str, proto: Option<PStr>) {
        let key = format!("&{name}");
        if let Some(v) = self.vis.iter_mut().rev().find(|v| v.introduced && *v.name == *key) {
            v.proto = proto;
        }
    }

    /// The prototype of the visible lexical sub.
    pub(crate) fn lexical_proto(&self, name: &str) -> Option<PStr> {
        let key = format!("&{name}");
        self.vis.iter().rev().find(|v| v.introduced && *v.name == *key).and_then(|v| v.proto.clone())
    }

    pub(crate) fn unit_count(&self) -> usize {
        self.units.len()
    }

    /// The entry of the innermost unit for a field declared in unit `unit`: bound by the method around, and
    /// captured from there like any other variable.
    fn field_here(&mut self, unit: usize, field: &FieldRef, name: &str) -> Result<PadIdx, String> {
        let current = self.units.len() - 1;
        let Some(m) = (unit + 1..=current).rev().find(|&k| self.units[k].class_method) else {
            return Err(format!("Field {name} is not accessible outside a method"));
        };
        if let Some(c) = self.units[m].class.as_ref().filter(|c| **c != field.class) {
            let of = &field.class;
            return Err(format!("Field {name} of \"{of}\" is not accessible in a method of \"{c}\""));
        }
        let idx = self.bind_field(m, field, name);
        Ok(self.capture(m, idx, name))
    }

    /// The entry of unit `m`, a method, that is bound to the field.
    pub(crate) fn bind_field(&mut self, m: usize, field: &FieldRef, name: &str) -> PadIdx {
        let u = &mut self.units[m];
        if let Some(&idx) = u.fields.get(&field.index) {
            return idx;
        }
        let kind = PadKind::Field(field.index);
        let entry =
            PadEntry { name: name.into(), kind, captured: false, ref_taken: false, outer: None, line: 0 };
        u.pad.entries.push(entry);
        let idx = (u.pad.entries.len() - 1) as PadIdx;
        u.fields.insert(field.index, idx);
        idx
    }

    /// The object of the innermost method, as an entry of the innermost unit.
    pub(crate) fn innermost_self(&mut self) -> Option<PadIdx> {
        let m = (0..self.units.len()).rev().find(|&k| self.units[k].self_idx.is_some());
        match m {
            Some(m) => {
                let idx = self.units[m].self_idx?;
                let name = self.units[m].pad.entries[idx as usize].name.clone();
                Some(self.capture(m, idx, &name))
            }
            // The text of an eval in a method sees the method's variable.
            None if self.units[0].class.is_some() => match self.lookup("$self") {
                Found::Lex(idx) => Some(idx),
                _ => None,
            },
            None => None,
        }
    }

    /// A named sub inside another sub captures that sub's first instance of the variable only.
    fn unshared(&mut self, unit: usize, new: bool, name: &str) {
        if !new || unit + 1 >= self.units.len() {
            return;
        }
        let inner = &self.units[unit + 1..];
        if !inner.iter().any(|u| u.kind == SubKind::Named) || name.starts_with('&') {
            return;
        }
        let what = match self.units[unit].kind {
            SubKind::Named => "will not stay shared",
            SubKind::Anon => "is not available",
            _ => return,
        };
        // A warning that is fatal is reported at the end of the statement like any other error.
        // perl has looked at the token that follows.
        let at = self.lx.pos;
        self.skip_space_quietly();
        let line = self.line();
        self.lx.pos = at;
        let _ = self.warn_at(warn::CLOSURE, &format!("Variable \"{name}\" {what}"), line, false);
    }

    pub(crate) fn is_state(&self, idx: PadIdx) -> bool {
        self.units
            .last()
            .and_then(|u| u.pad.entries.get(idx as usize))
            .is_some_and(|e| e.kind == PadKind::State)
    }

    fn capture(&mut self, unit: usize, idx: PadIdx, name: &str) -> PadIdx {
        let mut idx = idx;
        let current = self.units.len() - 1;
        if unit < current
            && let Some(e) = self.units[unit].pad.entries.get_mut(idx as usize)
            && &*e.name == name
        {
            e.captured = true;
        }
        for k in unit + 1..=current {
            // The stand-in for a running sub has no entries: a plain variable. So is a bound field.
            let kind = match self.units[k - 1].pad.entries.get(idx as usize).map(|e| e.kind.clone()) {
                None | Some(PadKind::Field(_)) => PadKind::My,
                Some(kind) => kind,
            };
            let u = &mut self.units[k];
            let entry = match u.captures.get(&idx) {
                Some(&e) => e,
                None => {
                    let outer = Some(idx);
                    u.pad.entries.push(PadEntry {
                        name: name.into(),
                        kind,
                        captured: false,
                        ref_taken: false,
                        outer,
                        line: 0,
                    });
                    let e = (u.pad.entries.len() - 1) as PadIdx;
                    u.captures.insert(idx, e);
                    e
                }
            };
            if k < current {
                self.units[k].pad.entries[entry as usize].captured = true;
            }
            idx = entry;
        }
        idx
    }

    pub(crate) fn entry_name(&self, idx: PadIdx) -> Name {
        self.units
            .last()
            .and_then(|u| u.pad.entries.get(idx as usize))
            .map_or_else(|| "".into(), |e| e.name.clone())
    }

    pub(crate) fn mark_ref_taken(&mut self, idx: PadIdx) {
        if let Some(e) = self.unit().pad.entries.get_mut(idx as usize) {
            e.ref_taken = true;
        }
    }

    /// Everything a string eval at this point may see; captures all of it.
    pub(crate) fn eval_scope(&mut self) -> Rc<EvalScope> {
        let depth = self.units.len();
        let unit = self.unit();
        unit.pad.has_eval = true;
        unit.uses_args = true;
        if let Some((generation, d, scope)) = &self.eval_cache
            && *generation == self.vis_generation
            && *d == depth
            && scope.pad == self.units[depth - 1].pad.id
        {
            return scope.clone();
        }
        let mut seen = HashSet::new();
        let mut picks = Vec::new();
        for v in self.vis.iter().rev().filter(|v| v.introduced) {
            if seen.insert(v.name.clone()) {
                picks.push((
                    v.name.clone(),
                    v.unit,
                    v.idx,
                    v.our.clone(),
                    v.field.clone(),
                    v.state,
                    v.import.clone(),
                    v.proto.clone(),
                ));
            }
        }
        let mut names = Vec::with_capacity(picks.len());
        for (name, unit, idx, our, field, state, import, proto) in picks {
            let idx = if our.is_some() || import.is_some() {
                0
            } else {
                let idx = match field {
                    Some(f) => match self.field_here(unit, &f, &name) {
                        Ok(idx) => idx,
                        Err(_) => continue,
                    },
                    None => self.capture(unit, idx, &name),
                };
                if let Some(e) = self.unit().pad.entries.get_mut(idx as usize) {
                    e.captured = true;
                }
                idx
            };
            names.push(VisibleName { name, idx, our, state, import, proto });
        }
        let class = self.class.as_ref().map(|c| c.name());
        let u = self.unit();
        let scope = Rc::new(EvalScope { pad: u.pad.id, names, in_sub: u.in_sub, class });
        self.eval_cache = Some((self.vis_generation, depth, scope.clone()));
        scope
    }

    /// Closes the books of a unit.
    pub(crate) fn sub_def(&mut self, unit: Unit, name: Option<Name>, line: u32) -> SubDef {
        SubDef {
            kind: unit.kind,
            name,
            package: self.package.clone(),
            file: self.lx.file(),
            line,
            proto: None,
            lvalue: false,
            method_attr: false,
            const_attr: false,
            attrs: Vec::new(),
            class_method: unit.class_method,
            self_idx: unit.self_idx,
            sig: None,
            pad: unit.pad,
            body: None,
            uses_args: unit.uses_args,
            hints: self.hints.clone(),
            module_true: false,
            program: false,
        }
    }
}
