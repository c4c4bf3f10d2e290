//! Formats: a chunk that appends one picture line after the other to `$^A`.
use super::*;

pub(crate) fn compile(def: &FormatDef, opts: Options) -> E<Unit> {
    let facts = scan::Facts::of_exprs(def.lines.iter().flat_map(|l| &l.args));
    let name = def.name.as_bytes().to_vec();
    let mut em =
        Emitter::start(&name, SubKind::Format, &def.pad, &def.file, &def.package, def.line, facts, opts);
    em.declare_pad()?;
    em.scope_push(Scope::default());
    for line in &def.lines {
        em.set_cop(&line.cop, line.cop.line);
        let cop = em.cop_index(&line.cop);
        em.b.stmt(line.cop.line, cop).map_err(CompileError::from)?;
        let again = em.repeat_start(&line.picture.bytes)?;
        let l = em.list_of(&line.args, Mode::Alias)?;
        let t = em.ts();
        let picture = Arg::Str(line.picture.bytes.to_vec(), line.picture.utf8);
        em.op("formline", &[t.into(), picture, l.into()])?;
        em.done(t)?;
        em.done(l)?;
        em.repeat_end(again)?;
    }
    em.atom("ret.v", &[])?;
    em.finish()
}

impl Emitter<'_> {
    /// The place where a `formline` with a `~~` line begins again.
    pub(super) fn repeat_start(&mut self, picture: &[u8]) -> E<Option<L>> {
        if !picture.windows(2).any(|w| w == b"~~") {
            return Ok(None);
        }
        let l = self.label();
        self.bind(l)?;
        Ok(Some(l))
    }

    pub(super) fn repeat_end(&mut self, again: Option<L>) -> E {
        let Some(l) = again else { return Ok(()) };
        let t = self.ts();
        self.op("formline.again", &[t.into()])?;
        self.atom("br.true", &[t.into(), l.into()])?;
        self.done(t)
    }
}
