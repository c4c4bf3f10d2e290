//! Matching, substitution, transliteration, split.
//!
//! A pattern's Regex constant holds the source as written and [`flag`] bits; an interpolated one is a list
//! constant, see `rx.build` in rt/regex.l1.
use super::*;

pub use keshi_l1::pattern as flag;

/// Flags of matching and substituting entries.
pub mod how {
    pub const KEEP_POS: u64 = 1;
    pub const GLOBAL: u64 = 1;
    pub const RETURN: u64 = 2;
    /// The replacement is code.
    pub const CODE: u64 = 4;
}

/// Bits of the first element of a transliteration table.
pub mod tr {
    pub const COMPLEMENT: i64 = 1;
    pub const DELETE: i64 = 2;
    pub const SQUEEZE: i64 = 4;
    /// No replacement list: the search list itself.
    pub const IDENTICAL: i64 = 8;
    pub const UTF8: i64 = 16;
}

impl Emitter<'_> {
    /// The compiled pattern in a P register.
    pub fn pattern(&mut self, p: &Pattern, extra: u32) -> E<Reg> {
        let flags = p.flags() | extra;
        let re = self.tp();
        let literal = p.parts.iter().all(|x| matches!(x, PatPart::Lit(_)));
        if literal {
            let mut pattern = Vec::new();
            let utf8 = p.parts.iter().any(|x| matches!(x, PatPart::Lit(s) if s.utf8));
            for part in &p.parts {
                if let PatPart::Lit(s) = part {
                    push_text(&mut pattern, s, utf8);
                }
            }
            let k = self.konst(Const::Regex { pattern, utf8, flags });
            self.op("rx.lit", &[re.into(), k])?;
            return Ok(re);
        }
        let l = self.new_list()?;
        let mut kinds = Vec::new();
        for part in &p.parts {
            match part {
                PatPart::Lit(s) => {
                    kinds.push(b'l');
                    self.op("list.push", &[l.into(), Arg::Str(s.bytes.to_vec(), s.utf8)])?;
                }
                PatPart::Expr(Expr { kind: ExprKind::Join(a), line }) => {
                    // Regexps in the array stay regexps: the parts are joined later.
                    kinds.push(b'a');
                    let sep = ExprKind::Pkg { sigil: Sigil::Scalar, name: "main::\"".into() };
                    let items = vec![Expr::new(*line, sep), (**a).clone()];
                    self.push_scalar(&Expr::new(*line, ExprKind::AnonArray(items)), l)?;
                }
                PatPart::Expr(e) => {
                    kinds.push(b'e');
                    self.push_scalar(e, l)?;
                }
                PatPart::Code { text, kind, sub } => {
                    kinds.push(match kind {
                        PatCode::Run => b'c',
                        PatCode::Postponed => b'p',
                        PatCode::Optimistic => b'o',
                    });
                    let t = self.ts();
                    self.anon_sub(sub, t)?;
                    self.op("list.push", &[l.into(), t.into()])?;
                    self.done(t)?;
                    self.op("list.push", &[l.into(), Arg::Str(text.bytes.to_vec(), text.utf8)])?;
                }
            }
        }
        self.at(p.line);
        let mut site = vec![
            Const::Regex { pattern: Vec::new(), utf8: false, flags },
            Const::Str { bytes: kinds, utf8: false },
        ];
        site.extend(p.scope.as_deref().map(|s| super::evalscope::encode(s, &self.stand_ins)));
        let k = self.konst(Const::List(site.into()));
        self.op("rx.build", &[re.into(), l.into(), k])?;
        self.done(l)?;
        Ok(re)
    }

    fn match_pattern(&mut self, m: &MatchOp, extra: u32) -> E<Reg> {
        match &m.pat {
            MatchPat::Literal(p) => self.pattern(p, extra),
            MatchPat::Expr(e) => self.pattern_value(e, extra),
        }
    }

    fn pattern_value(&mut self, e: &Expr, extra: u32) -> E<Reg> {
        let v = self.operand(e)?;
        let re = self.tp();
        let k = self.konst(Const::Regex { pattern: Vec::new(), utf8: false, flags: extra });
        self.op("rx.value", &[re.into(), v.clone(), k])?;
        self.done_arg(&v)?;
        Ok(re)
    }

    /// The scalar matched against: `$_` unless bound by `=~`.
    fn target(&mut self, t: &Option<Expr>) -> E<Arg> {
        match t {
            Some(e) => self.operand(e),
            None => {
                let e = topic_expr();
                self.operand(&e)
            }
        }
    }

    /// The scalar of a match without `/g`: a reference to the variable where the pattern may ask for its `pos`.
    fn match_target(&mut self, m: &MatchOp) -> E<(Arg, Option<super::lvalue::Place>)> {
        let (named, possible) = match &m.pat {
            MatchPat::Expr(_) => (false, true),
            MatchPat::Literal(p) => {
                let lit =
                    |x: &PatPart| matches!(x, PatPart::Lit(s) if s.bytes.windows(2).any(|w| w == b"\\G"));
                (p.parts.iter().any(lit), p.parts.iter().any(|x| matches!(x, PatPart::Expr(_))))
            }
        };
        let topic = topic_expr();
        let e = m.target.as_ref().unwrap_or(&topic);
        let variable = match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Scalar, .. } => true,
            ExprKind::Elem { array, index } => {
                self.is_args(array) && matches!(index.kind, ExprKind::Int(0..=65535))
            }
            _ => false,
        };
        if named && super::lvalue::is_lvalue(e) || possible && variable {
            let (place, lv) = self.lv(e)?;
            return Ok((lv.into(), Some(place)));
        }
        Ok((self.operand(e)?, None))
    }

    fn done_target(&mut self, v: &Arg, place: Option<super::lvalue::Place>) -> E {
        match (place, v) {
            (Some(p), Arg::R(r)) => self.done_lv(&p, *r),
            _ => self.done_arg(v),
        }
    }

    fn target_place(&mut self, t: &Option<Expr>) -> E<(super::lvalue::Place, Reg)> {
        match t {
            Some(Expr { kind: ExprKind::Str(s), .. }) => {
                let r = self.ts();
                let k = self.konst(Const::Str { bytes: s.bytes.to_vec(), utf8: s.utf8 });
                self.op("rx.const", &[r.into(), k])?;
                Ok((super::lvalue::Place::Alias(r), r))
            }
            Some(e) => self.lv(e),
            None => {
                let e = topic_expr();
                self.lv(&e)
            }
        }
    }

    /// Truth of a scalar match in an I register.
    fn match_flag(&mut self, m: &MatchOp) -> E<Reg> {
        let hit = self.ti();
        if m.once {
            let site = self.site();
            let end = self.label();
            let done = self.ti();
            self.atom("i.const", &[hit.into(), Arg::Imm(0)])?;
            self.op("once.done", &[done.into(), site.clone()])?;
            if matches!(&m.pat, MatchPat::Literal(p) if p.mods.g && !p.mods.c) {
                // it fails, and with /g that resets the position
                let go = self.label();
                self.atom("br.f", &[done.into(), go.into()])?;
                let (place, lv) = self.target_place(&m.target)?;
                let none = self.ts();
                self.atom("s.undef", &[none.into()])?;
                self.op("pos.set", &[lv.into(), none.into()])?;
                self.done(none)?;
                self.done_lv(&place, lv)?;
                self.jmp(end)?;
                self.bind(go)?;
            } else {
                self.atom("br.t", &[done.into(), end.into()])?;
            }
            self.done(done)?;
            self.one_match(m, hit)?;
            self.atom("br.f", &[hit.into(), end.into()])?;
            self.op("once.set", &[site])?;
            self.bind(end)?;
            return Ok(hit);
        }
        self.one_match(m, hit)?;
        Ok(hit)
    }

    /// The match itself, in scalar context.
    fn one_match(&mut self, m: &MatchOp, hit: Reg) -> E {
        if matches!(&m.pat, MatchPat::Literal(p) if p.mods.g) {
            let keep = matches!(&m.pat, MatchPat::Literal(p) if p.mods.c);
            let (place, lv) = self.target_place(&m.target)?;
            let re = self.match_pattern(m, 0)?;
            let flags = Arg::Imm(if keep { how::KEEP_POS } else { 0 });
            self.op("match.g", &[hit.into(), lv.into(), re.into(), flags])?;
            self.done(re)?;
            return self.done_lv(&place, lv);
        }
        let (v, place) = self.match_target(m)?;
        let re = self.match_pattern(m, 0)?;
        self.op("match", &[hit.into(), v.clone(), re.into()])?;
        self.done(re)?;
        self.done_target(&v, place)
    }

    pub fn match_jump(&mut self, m: &MatchOp, line: u32, sense: bool, to: L) -> E {
        self.at(line);
        let hit = self.match_flag(m)?;
        self.atom(if sense != m.negate { "br.t" } else { "br.f" }, &[hit.into(), to.into()])?;
        self.done(hit)
    }

    pub fn match_scalar(&mut self, m: &MatchOp, line: u32, d: Reg) -> E {
        self.at(line);
        let hit = self.match_flag(m)?;
        self.atom("s.setb", &[d.into(), hit.into()])?;
        self.done(hit)?;
        if m.negate { self.op("not", &[d.into(), d.into()]) } else { Ok(()) }
    }

    pub fn match_list(&mut self, m: &MatchOp, line: u32, l: Reg) -> E {
        self.at(line);
        if m.negate {
            let t = self.ts();
            self.match_scalar(m, line, t)?;
            self.op("list.push", &[l.into(), t.into()])?;
            return self.done(t);
        }
        let r = self.tp();
        if let MatchPat::Literal(p) = &m.pat
            && p.mods.g
        {
            let (place, lv) = self.target_place(&m.target)?;
            let re = self.match_pattern(m, 0)?;
            let flags = Arg::Imm(if p.mods.c { how::KEEP_POS } else { 0 });
            self.op("match.gl", &[r.into(), lv.into(), re.into(), flags])?;
            self.done(re)?;
            self.done_lv(&place, lv)?;
            return self.cat(l, r);
        }
        if m.once {
            // The value list of a match that may only happen once.
            let end = self.label();
            let hit = self.match_flag(m)?;
            self.atom("br.f", &[hit.into(), end.into()])?;
            self.done(hit)?;
            self.op("match.captures", &[r.into()])?;
            self.cat(l, r)?;
            return self.bind(end);
        }
        let (v, place) = self.match_target(m)?;
        let re = self.match_pattern(m, 0)?;
        self.op("match.l", &[r.into(), v.clone(), re.into()])?;
        self.done(re)?;
        self.done_target(&v, place)?;
        self.cat(l, r)
    }

    /// `s///`. The replacement is evaluated once per match by the loop here.
    pub fn subst(&mut self, s: &SubstOp, line: u32, d: Option<Reg>) -> E {
        self.at(line);
        let out = self.ts();
        let mods = &s.pat.mods;
        let flags = if mods.g { how::GLOBAL } else { 0 } | if mods.r { how::RETURN } else { 0 };
        let (place, lv) = if mods.r {
            // Only the copy is changed.
            let t = self.ts();
            match &s.target {
                Some(e) => self.scalar_into(e, t)?,
                None => self.scalar_into(&topic_expr(), t)?,
            }
            (super::lvalue::Place::Slot { reg: t, direct: true }, t)
        } else {
            self.target_place(&s.target)?
        };
        let re = self.pattern(&s.pat, 0)?;
        let constant = match super::expr::literal(&s.repl) {
            Some(Arg::Str(bytes, utf8)) => Some(Const::Str { bytes, utf8 }),
            _ => match &s.repl.kind {
                ExprKind::Interp(v) if v.is_empty() => Some(Const::Str { bytes: Vec::new(), utf8: false }),
                _ => None,
            },
        };
        if let Some(c) = constant {
            let k = self.konst(Const::List([c, Const::Int(flags as i64)].into()));
            self.op("subst.k", &[out.into(), lv.into(), re.into(), k])?;
        } else {
            let st = self.b.var(b"", Fam::P);
            self.op("subst.begin", &[st.into(), lv.into(), re.into(), Arg::Imm(flags | how::CODE)])?;
            let (next, end) = (self.label(), self.label());
            self.bind(next)?;
            let more = self.ti();
            self.op("subst.next", &[more.into(), st.into()])?;
            self.atom("br.f", &[more.into(), end.into()])?;
            self.done(more)?;
            let v = self.operand(super::string::bare(&s.repl))?;
            self.op("subst.put", &[st.into(), v.clone()])?;
            self.done_arg(&v)?;
            self.tick()?;
            self.jmp(next)?;
            self.bind(end)?;
            self.op("subst.end", &[out.into(), st.into(), lv.into()])?;
        }
        self.done(re)?;
        self.done_lv(&place, lv)?;
        if let Some(d) = d {
            if s.negate {
                self.op("not", &[d.into(), out.into()])?;
            } else {
                self.copy_to(d, &out.into())?;
            }
        }
        self.done(out)
    }

    pub fn trans(&mut self, t: &TransOp, d: Option<Reg>) -> E {
        let mut f = 0;
        for (on, bit) in [
            (t.complement, tr::COMPLEMENT),
            (t.delete, tr::DELETE),
            (t.squeeze, tr::SQUEEZE),
            (t.identical, tr::IDENTICAL),
            (t.utf8, tr::UTF8),
        ] {
            if on {
                f |= bit
            }
        }
        let mut table = vec![Const::Int(f), Const::Int(t.search.len() as i64)];
        for (a, b) in t.search.iter().chain(&t.replace) {
            table.push(Const::Int(*a as i64));
            table.push(Const::Int(*b as i64));
        }
        let k = self.konst(Const::List(table.into()));
        let out = self.ts();
        if t.keep {
            let v = self.target(&t.target)?;
            self.op("trans.r", &[out.into(), v.clone(), k])?;
            self.done_arg(&v)?;
        } else {
            // Counting alone changes nothing and accepts any value.
            let counts = t.identical && !t.delete && !t.squeeze;
            let (place, lv) = match &t.target {
                Some(e) if counts && !super::lvalue::is_lvalue(e) => {
                    let r = self.ts();
                    self.scalar_into(e, r)?;
                    (super::lvalue::Place::Slot { reg: r, direct: true }, r)
                }
                e => self.target_place(e)?,
            };
            self.op("trans", &[out.into(), lv.into(), k])?;
            self.done_lv(&place, lv)?;
        }
        if let Some(d) = d {
            if t.negate {
                self.op("not", &[d.into(), out.into()])?;
            } else {
                self.copy_to(d, &out.into())?;
            }
        }
        self.done(out)
    }

    /// `split PATTERN, STRING, LIMIT`: appends the fields. `implied` is the limit for a list assignment.
    pub fn split(&mut self, args: &[Expr], l: Reg, implied: i64) -> E {
        let Some(pat) = args.first() else { return self.fail(self.line, "Not enough arguments for split") };
        let re = match &pat.kind {
            ExprKind::Match(m) if m.target.is_none() => match &m.pat {
                MatchPat::Literal(p) => self.pattern(p, flag::SPLIT)?,
                MatchPat::Expr(e) => self.pattern_value(e, flag::SPLIT)?,
            },
            ExprKind::Qr(p) => self.pattern(p, flag::SPLIT)?,
            ExprKind::Str(s) if &*s.bytes == b" " => {
                let re = self.tp();
                let flags = flag::SPLIT | flag::AWK;
                let k = self.konst(Const::Regex { pattern: b" ".to_vec(), utf8: false, flags });
                self.op("rx.lit", &[re.into(), k])?;
                re
            }
            // Other expressions: a single space found at run time is awk mode, too.
            _ => self.pattern_value(pat, flag::SPLIT | flag::AWK)?,
        };
        let v = match args.get(1) {
            Some(e) => self.operand(e)?,
            None => self.target(&None)?,
        };
        let r = self.tp();
        match args.get(2).map(|e| (e, super::expr::literal(e))) {
            None => self.op("split", &[r.into(), re.into(), v.clone(), limit(implied)])?,
            Some((_, Some(Arg::Int(n)))) if i32::try_from(n).is_ok() => {
                let n = if n == 0 { implied } else { n };
                self.op("split", &[r.into(), re.into(), v.clone(), limit(n)])?
            }
            Some((e, _)) => {
                let a = self.new_list()?;
                self.op("list.push", &[a.into(), v.clone()])?;
                self.push_scalar(e, a)?;
                self.op("split.n", &[r.into(), re.into(), a.into()])?;
                self.done(a)?;
            }
        }
        self.done_arg(&v)?;
        self.done(re)?;
        self.cat(l, r)
    }
}

fn limit(n: i64) -> Arg {
    Arg::Imm((n as i32 as u32).into())
}

fn push_text(out: &mut Vec<u8>, s: &PStr, utf8: bool) {
    if s.utf8 || !utf8 {
        out.extend_from_slice(&s.bytes);
    } else {
        out.extend(s.bytes.iter().map(|&b| b as char).collect::<String>().into_bytes());
    }
}

/// `$_`
pub(crate) fn topic_expr() -> Expr {
    Expr::new(0, ExprKind::Pkg { sigil: Sigil::Scalar, name: "main::_".into() })
}
