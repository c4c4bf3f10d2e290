//! A Host that runs nothing: it knows the subs it was given and the pragmas that change how perl parses.
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

#[derive(Default)]
pub struct Mock {
    pub subs: HashMap<String, SubInfo>,
    pub packages: HashSet<String>,
    pub vars: HashSet<String>,
    pub defined: Vec<Rc<SubDef>>,
    pub used: Vec<String>,
    pub warnings: Vec<String>,
    pub data: Option<(String, Vec<u8>)>,
    pub dash_w: bool,
}

const STRICT: u32 = HINT_STRICT_REFS | HINT_STRICT_SUBS | HINT_STRICT_VARS;

impl Mock {
    fn bundle(hints: &mut Hints, minor: u32) {
        let n = match minor {
            0..=9 => 0,
            10 => 1,
            11..=14 => 2,
            15..=22 => 3,
            23..=26 => 4,
            27..=34 => 5,
            35 | 36 => 6,
            37 | 38 => 7,
            39 | 40 => 8,
            _ => 9,
        };
        hints.bits = hints.bits & !HINT_FEATURE_MASK | n << HINT_FEATURE_SHIFT;
        if minor >= 11 {
            hints.bits |= STRICT;
        }
        if minor >= 35 {
            hints.warn = WarnBits::All;
        }
    }

    fn feature(hints: &mut Hints, names: &[PStr], no: bool) {
        let old = hints.features;
        let mut keys: Vec<(PStr, HintVal)> = Vec::new();
        let custom = HINT_FEATURE_MASK;
        if hints.bits & HINT_FEATURE_MASK == HINT_FEATURE_MASK {
            keys = hints.hash.as_ref().map(|h| (**h).clone()).unwrap_or_default();
        } else {
            for (i, k) in FEATURE_NAMES.iter().enumerate() {
                if old & 1 << i != 0 {
                    keys.push((PStr::text(k), HintVal::Int(1)));
                }
            }
        }
        for n in names {
            let n = n.to_text();
            if let Some(b) = n.strip_prefix(":5.") {
                Self::bundle(hints, b.parse().unwrap_or(0));
                hints.refresh_features();
                return;
            }
            for (i, k) in FEATURE_NAMES.iter().enumerate() {
                let hit = n == ":all"
                    || k.strip_prefix("feature_")
                        == Some(match n.as_str() {
                            "current_sub" => "__SUB__",
                            "declared_refs" => "myref",
                            "unicode_eval" => "unieval",
                            "unicode_strings" => "unicode",
                            "extra_paired_delimiters" => "more_delims",
                            "apostrophe_as_package_separator" => "apos_as_name_sep",
                            s => s,
                        });
                let _ = i;
                if hit {
                    keys.retain(|(q, _)| q.to_text() != *k);
                    if !no {
                        keys.push((PStr::text(k), HintVal::Int(1)));
                    }
                }
            }
        }
        hints.bits |= custom;
        hints.hash = Some(Rc::new(keys));
        hints.refresh_features();
    }
}

/// The names `use constant` defines.
fn constant_names(stmt: &UseStmt) -> Vec<String> {
    let Some(body) = &stmt.code.body else { return Vec::new() };
    for s in &body.stmts {
        let StmtKind::Expr(Expr { kind: ExprKind::Method(m), .. }) = &s.kind else { continue };
        let text = |e: &Expr| match &e.kind {
            ExprKind::Str(s) => Some(s.to_text()),
            _ => None,
        };
        return match m.args.first().map(|a| &a.kind) {
            Some(ExprKind::AnonHash(items)) => items.iter().step_by(2).filter_map(text).collect(),
            _ => m.args.first().and_then(text).into_iter().collect(),
        };
    }
    Vec::new()
}

const FEATURE_NAMES: &[&str] = &[
    "feature_apos_as_name_sep",
    "feature_bareword_filehandles",
    "feature_bitwise",
    "feature_class",
    "feature___SUB__",
    "feature_myref",
    "feature_defer",
    "feature_evalbytes",
    "feature_more_delims",
    "feature_fc",
    "feature_indirect",
    "feature_isa",
    "feature_keyword_all",
    "feature_keyword_any",
    "feature_module_true",
    "feature_multidimensional",
    "feature_postderef_qq",
    "feature_refaliasing",
    "feature_say",
    "feature_signatures",
    "feature_smartmatch",
    "feature_state",
    "feature_switch",
    "feature_try",
    "feature_unieval",
    "feature_unicode",
];

impl Host for Mock {
    fn sub_info(&mut self, full_name: &str) -> Option<SubInfo> {
        let builtin = ["utf8::", "warnings::", "Internals::", "overload::", "builtin::"];
        if builtin.iter().any(|p| full_name.starts_with(p)) {
            return Some(SubInfo { defined: true, ..SubInfo::default() });
        }
        self.subs.get(full_name).cloned()
    }
    fn core_global(&mut self, _name: &str) -> Option<SubInfo> {
        None
    }
    fn is_filehandle(&mut self, full_name: &str) -> bool {
        matches!(full_name, "main::STDIN" | "main::STDOUT" | "main::STDERR")
    }
    fn package_exists(&mut self, name: &str) -> bool {
        self.packages.contains(name)
    }
    fn var_imported(&mut self, full_name: &str, sigil: Sigil) -> bool {
        self.vars.contains(&format!("{}{full_name}", sigil.ch()))
    }
    fn charname(&mut self, _name: &str, _ctx: &mut BeginCtx<'_>) -> HostResult<Option<PStr>> {
        Ok(Some(PStr::text("\u{263a}")))
    }
    fn macro_builtin(&mut self, _name: &str, _hints: &Hints) -> Option<MacroInfo> {
        None
    }
    fn const_text(&mut self, _c: HostConst) -> Option<PStr> {
        None
    }
    fn dash_w(&mut self) -> bool {
        self.dash_w
    }
    fn define_sub(&mut self, def: Rc<SubDef>, _ctx: &mut BeginCtx<'_>) -> HostResult {
        if let Some(n) = &def.name {
            let declared = self.subs.get(&**n).is_some_and(|s| s.lvalue);
            let info = SubInfo {
                proto: def.proto.clone(),
                defined: def.body.is_some(),
                lvalue: def.lvalue || declared,
                ..SubInfo::default()
            };
            self.subs.insert(n.to_string(), info);
        }
        self.defined.push(def);
        Ok(())
    }
    fn define_lexical_sub(&mut self, _: PadIdx, _: Rc<SubDef>, _: &mut BeginCtx<'_>) -> HostResult {
        Ok(())
    }
    fn define_format(&mut self, _def: Rc<FormatDef>, _ctx: &mut BeginCtx<'_>) -> HostResult {
        Ok(())
    }
    fn phase_block(&mut self, def: Rc<SubDef>, _ctx: &mut BeginCtx<'_>) -> HostResult {
        self.defined.push(def);
        Ok(())
    }
    fn use_module(&mut self, stmt: &UseStmt, ctx: &mut BeginCtx<'_>) -> HostResult {
        self.used.push(stmt.module.to_string());
        self.packages.insert(stmt.module.to_string());
        let args = stmt.const_args.clone().unwrap_or_default();
        let h = &mut *ctx.hints;
        match &*stmt.module {
            "strict" => {
                let mut bits = 0;
                for a in &args {
                    bits |= match a.to_text().as_str() {
                        "refs" => HINT_STRICT_REFS,
                        "subs" => HINT_STRICT_SUBS,
                        "vars" => HINT_STRICT_VARS,
                        _ => 0,
                    };
                }
                let bits = if args.is_empty() { STRICT } else { bits };
                h.bits = if stmt.no { h.bits & !bits } else { h.bits | bits };
            }
            "warnings" => h.warn = if stmt.no { WarnBits::None } else { WarnBits::All },
            "utf8" => h.bits = if stmt.no { h.bits & !HINT_UTF8 } else { h.bits | HINT_UTF8 },
            "feature" | "experimental" => Mock::feature(h, &args, stmt.no),
            "vars" => {
                for a in &args {
                    let a = a.to_text();
                    self.vars.insert(format!("{}{}::{}", &a[..1], ctx.place.package, &a[1..]));
                }
            }
            "constant" => {
                let names = constant_names(stmt);
                for n in names {
                    let full = format!("{}::{n}", ctx.place.package);
                    let info = SubInfo { defined: true, proto: Some(PStr::text("")), ..SubInfo::default() };
                    self.subs.insert(full, info);
                }
            }
            "subs" => {
                for a in &args {
                    let full = format!("{}::{}", ctx.place.package, a.to_text());
                    self.subs.insert(full, SubInfo { imported: true, ..SubInfo::default() });
                }
            }
            "Config" => {
                self.vars.insert(format!("%{}::Config", ctx.place.package));
            }
            m => {
                let defaults: &[&str] = match m {
                    "Carp" => &["croak", "carp", "confess", "cluck"],
                    "File::Spec::Functions" => &["catfile", "updir", "catdir", "curdir", "rel2abs"],
                    "Scalar::Util" | "List::Util" => &[],
                    "overload" => &[],
                    _ => &[],
                };
                let base = m == "Test2::Util::HashBase";
                let mut names: Vec<String> = args.iter().map(PStr::to_text).collect();
                if stmt.const_args.as_ref().is_none_or(Vec::is_empty) {
                    names.extend(defaults.iter().map(|s| s.to_string()));
                }
                for n in names {
                    let n = n.trim_start_matches(['&', '<', '-', '^', '>', '+', '?']);
                    if n.starts_with(['$', '@', '%']) {
                        self.vars.insert(format!("{}{}::{}", &n[..1], ctx.place.package, &n[1..]));
                        continue;
                    }
                    let constant =
                        base || n.len() > 1 && n.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                    let n = if base { n.to_uppercase() } else { n.to_string() };
                    let proto = constant.then(|| PStr::text(""));
                    let info = SubInfo { defined: true, imported: true, proto, ..SubInfo::default() };
                    self.subs.insert(format!("{}::{n}", ctx.place.package), info);
                }
                for n in defaults {
                    let full = format!("{m}::{n}");
                    self.subs.insert(full, SubInfo { defined: true, ..SubInfo::default() });
                }
            }
        }
        Ok(())
    }
    fn use_version(&mut self, version: &Expr, no: bool, ctx: &mut BeginCtx<'_>) -> HostResult {
        if no {
            return Ok(());
        }
        let minor = match &version.kind {
            ExprKind::Num(n) => ((n - 5.0) * 1000.0).round() as u32,
            ExprKind::VString { value, .. } => value.bytes.get(1).copied().unwrap_or(0).into(),
            _ => 0,
        };
        Mock::bundle(ctx.hints, minor);
        Ok(())
    }
    fn declare_package(&mut self, name: &str, _version: Option<&Expr>) {
        self.packages.insert(name.to_string());
    }
    fn mention(&mut self, _full_name: &str, _sigil: Sigil) {}
    fn class_begin(&mut self, def: &ClassDef, _ctx: &mut BeginCtx<'_>) -> HostResult<ClassBase> {
        self.packages.insert(def.name.to_string());
        Ok(ClassBase::default())
    }
    fn class_abandon(&mut self, _name: &str) {}
    fn class_end(&mut self, _def: Rc<ClassDef>, _ctx: &mut BeginCtx<'_>) -> HostResult {
        Ok(())
    }
    fn data_section(&mut self, package: &str, text: &[u8], _utf8: bool) {
        self.data = Some((package.to_string(), text.to_vec()));
    }
    fn overload_constant(
        &mut self,
        _kind: ConstKind,
        _source: &PStr,
        _value: &PStr,
        _ctx: &mut BeginCtx<'_>,
    ) -> HostResult<Option<HostConst>> {
        Ok(None)
    }
    fn warn(&mut self, text: &PStr) -> HostResult {
        self.warnings.push(text.to_text());
        Ok(())
    }
}
