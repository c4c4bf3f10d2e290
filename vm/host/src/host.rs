//! `Host`: the parser's questions answered from the VM's stashes, its definitions carried out.

use crate::begin::{self, host_error};
use crate::class;
use crate::compile::Dumps;
use crate::hints;
use crate::pragma;
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use keshi_value::code::cvf;
use keshi_value::glob::gvf;
use keshi_value::hash::Key;
use keshi_value::{Body, Val};
use keshi_vm::Vm;
use keshi_vm::rt::debug;
use std::rc::Rc;

pub struct VmHost<'a> {
    pub vm: &'a mut Vm,
    dumps: Dumps,
}

impl<'a> VmHost<'a> {
    pub fn new(vm: &'a mut Vm, dumps: Dumps) -> VmHost<'a> {
        VmHost { vm, dumps }
    }

    fn info(&mut self, full: &str) -> Option<SubInfo> {
        let (name, utf8) = (full.as_bytes(), !full.is_ascii());
        let c = self.vm.sub_peek(name, utf8)?;
        let constant = match c.body.get() {
            Body::Const(v) if c.prototype.get().as_deref() == Some(b"") => {
                let v = v.clone();
                Some(hints::hold(self.vm, v))
            }
            _ => None,
        };
        Some(SubInfo {
            proto: c.prototype.get().as_ref().map(|p| PStr::new(&p[..], false)),
            defined: c.is_defined(),
            imported: self.vm.gv_peek(name, utf8).is_some_and(|g| g.flag(gvf::IMPORTED_CV)),
            constant,
            lvalue: c.has(cvf::LVALUE),
            // What Keshi defines itself hides no builtin.
            method: c.has(cvf::METHOD) || c.has(cvf::NATIVE),
        })
    }
}

impl Host for VmHost<'_> {
    fn debugging(&mut self) -> (bool, bool) {
        let f = self.vm.debug_flags();
        (f & debug::flag::LINES != 0, f & debug::flag::SUBS != 0)
    }

    fn anon_sub(&mut self, def: &SubDef) {
        let Some(body) = def.body.as_ref().filter(|_| &*def.package != "DB") else { return };
        if self.vm.debug_flags() & debug::flag::ANON_NAMES != 0 {
            let name = format!("{}::__ANON__[{}:{}]", def.package, def.file, def.line);
            // What DB::postponed dies of is nothing to the sub.
            let _ = self.vm.debug_defined(&name, &def.file, (def.line, body.end_line));
        }
    }

    fn breakable(&mut self, file: &str, line: u32) {
        debug::breakable(self.vm, file, line);
    }

    fn sub_info(&mut self, full_name: &str) -> Option<SubInfo> {
        self.info(full_name)
    }

    fn core_global(&mut self, name: &str) -> Option<SubInfo> {
        // A sub only declared there overrides nothing.
        self.info(&format!("CORE::GLOBAL::{name}")).filter(|s| s.imported || s.defined)
    }

    fn is_filehandle(&mut self, full_name: &str) -> bool {
        self.vm.gv_peek(full_name.as_bytes(), !full_name.is_ascii()).is_some_and(|g| g.io.get().is_some())
    }

    fn package_exists(&mut self, name: &str) -> bool {
        self.vm.stash(name.as_bytes(), !name.is_ascii(), false).is_some()
    }

    fn var_imported(&mut self, full_name: &str, sigil: Sigil) -> bool {
        let bit = match sigil {
            Sigil::Scalar => gvf::IMPORTED_SV,
            Sigil::Array => gvf::IMPORTED_AV,
            Sigil::Hash => gvf::IMPORTED_HV,
            _ => gvf::IMPORTED_CV,
        };
        self.vm.gv_peek(full_name.as_bytes(), !full_name.is_ascii()).is_some_and(|g| g.flag(bit))
    }

    fn charname(&mut self, name: &str, ctx: &mut BeginCtx<'_>) -> HostResult<Option<PStr>> {
        pragma::charname(self.vm, name, ctx)
    }

    fn macro_builtin(&mut self, name: &str, hints: &Hints) -> Option<MacroInfo> {
        let view = keshi_l1::builder::current_macros().perl_view(name)?;
        if !crate::use_l1::visible(name, hints) {
            return None;
        }
        let writes = (0..view.params.len()).map(|i| view.writes(i)).collect();
        Some(MacroInfo { proto: PStr::text(&view.proto), writes })
    }

    fn const_text(&mut self, c: HostConst) -> Option<PStr> {
        let v = hints::host_const(self.vm, c);
        if v.is_ref() {
            return None;
        }
        hints::val_pstr(self.vm, &v).ok()
    }

    fn has_container(&mut self, full_name: &str, sigil: Sigil) -> bool {
        let g = self.vm.gv_find(full_name.as_bytes(), !full_name.is_ascii(), false);
        g.is_some_and(|g| if sigil == Sigil::Hash { g.hv.get().is_some() } else { g.av.get().is_some() })
    }
    fn dash_w(&mut self) -> bool {
        self.vm.dash_w
    }
    fn forced_warnings(&mut self) -> Option<bool> {
        (self.vm.all_warn || self.vm.no_warn).then_some(self.vm.all_warn)
    }

    fn define_sub(&mut self, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult {
        if let Some(name) = &def.name {
            self.unwatch_name(name);
        }
        begin::define(self.vm, &def, ctx, &self.dumps)
    }

    fn define_lexical_sub(&mut self, idx: PadIdx, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult {
        begin::define_lexical(self.vm, idx, &def, ctx, &self.dumps)
    }

    fn define_format(&mut self, def: Rc<FormatDef>, ctx: &mut BeginCtx<'_>) -> HostResult {
        begin::define_format(self.vm, &def, ctx, &self.dumps)
    }

    fn phase_block(&mut self, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult {
        begin::phase_block(self.vm, def, ctx, &self.dumps)
    }

    fn use_module(&mut self, stmt: &UseStmt, ctx: &mut BeginCtx<'_>) -> HostResult {
        begin::mention_phase(self.vm, ctx, "BEGIN");
        if &*stmt.module == "l1" {
            return crate::use_l1::carry_out(self.vm, stmt, ctx);
        }
        if pragma::native_use(self.vm, stmt, ctx)? {
            return Ok(());
        }
        let code = begin::make_code(self.vm, &stmt.code, ctx, &self.dumps)?;
        code.name.set(Val::bytes("BEGIN"));
        begin::run(self.vm, &code, ctx)
    }

    fn use_version(&mut self, version: &Expr, no: bool, ctx: &mut BeginCtx<'_>) -> HostResult {
        pragma::use_version(self.vm, version, no, ctx)
    }

    fn declare_package(&mut self, name: &str, version: Option<&Expr>) {
        self.vm.stash(name.as_bytes(), !name.is_ascii(), true);
        if let Some(v) = version {
            let g = self.vm.gv_str(&format!("{name}::VERSION"));
            let val = pragma::const_expr(v);
            g.scalar().set(val);
        }
    }

    fn mention(&mut self, full_name: &str, sigil: Sigil) {
        self.unwatch_name(full_name);
        let g = self.vm.gv(full_name.as_bytes(), !full_name.is_ascii());
        match sigil {
            Sigil::Scalar => drop(g.scalar().clone()),
            Sigil::Array => drop(g.array().clone()),
            Sigil::Hash => drop(g.hash().clone()),
            _ => {}
        }
    }

    fn class_field(&mut self, class: &str, key: &PStr) -> Option<bool> {
        let full = format!("{class}::FIELDS");
        let glob = self.vm.gv_peek(full.as_bytes(), !full.is_ascii())?;
        let fields = glob.hv.get().clone()?;
        Some(fields.exists(&Key::new(&key.bytes, key.utf8)))
    }

    fn glob_exists(&mut self, full_name: &str) -> bool {
        self.vm.gv_peek(full_name.as_bytes(), !full_name.is_ascii()).is_some()
    }

    fn watch_name(&mut self, full_name: &str, place: Place) {
        let place = (place.file.to_string(), place.line, place.package.to_string());
        self.vm.rtstate.once.push((full_name.to_string(), place));
    }

    fn unwatch_name(&mut self, full_name: &str) {
        self.vm.rtstate.once.retain(|(n, _)| n != full_name);
    }

    fn watched_names(&mut self) -> Vec<(Name, Place)> {
        let names = std::mem::take(&mut self.vm.rtstate.once);
        let place = |(file, line, package): (String, u32, String)| Place {
            file: file.as_str().into(),
            line,
            package: package.as_str().into(),
        };
        names.into_iter().map(|(n, p)| (n.as_str().into(), place(p))).collect()
    }

    fn mention_handle(&mut self, full_name: &str) {
        self.unwatch_name(full_name);
        let g = self.vm.gv(full_name.as_bytes(), !full_name.is_ascii());
        keshi_vm::rt::io::fh::io_of(&g);
    }

    fn class_begin(&mut self, def: &ClassDef, _ctx: &mut BeginCtx<'_>) -> HostResult<ClassBase> {
        class::begin(self.vm, def)
    }

    fn class_end(&mut self, def: Rc<ClassDef>, ctx: &mut BeginCtx<'_>) -> HostResult {
        class::end(self.vm, &def, ctx, &self.dumps)
    }

    fn class_abandon(&mut self, name: &str) {
        class::abandon(self.vm, name);
    }

    fn data_section(&mut self, package: &str, text: &[u8], utf8: bool) {
        keshi_vm::rt::io::open_data(self.vm, package, text, utf8);
    }

    fn overload_constant(
        &mut self,
        kind: ConstKind,
        source: &PStr,
        value: &PStr,
        ctx: &mut BeginCtx<'_>,
    ) -> HostResult<Option<HostConst>> {
        let (key, mode) = match kind {
            ConstKind::Integer => ("integer", ""),
            ConstKind::Float => ("float", ""),
            ConstKind::Binary => ("binary", ""),
            ConstKind::String(m) => ("q", m),
            ConstKind::Regex => ("qr", "qq"),
        };
        let Some(HintVal::Host(c, _)) = ctx.hints.lookup(key).cloned() else { return Ok(None) };
        let handler = hints::host_const(self.vm, c);
        let Some(code) = handler.cv() else { return Ok(None) };
        let mode = if mode.is_empty() { Val::undef() } else { Val::bytes(mode) };
        let args = vec![hints::pstr_val(source), hints::pstr_val(value), mode];
        match self.vm.call_scalar(&code, args) {
            Ok(v) => Ok(Some(hints::hold(self.vm, v))),
            Err(e) => Err(host_error(self.vm, e)),
        }
    }

    fn check_pattern(
        &mut self,
        pattern: &PStr,
        flags: u32,
        blocks: &[(usize, usize)],
        ctx: &mut BeginCtx<'_>,
    ) -> HostResult<PatternReport> {
        crate::pattern::check(self.vm, pattern, flags, blocks, ctx)
    }

    fn warn(&mut self, text: &PStr) -> HostResult {
        let v = hints::pstr_val(text);
        self.vm.warn_value(v).map_err(|e| host_error(self.vm, e))
    }
}
