//! PerlIO layers: the syntax of `:layer(arg)` lists and the stack a handle keeps.
//!
//! The bottom layers (`unix perlio`, `stdio`, `scalar`) name the buffering, which the handle does itself;
//! above them `crlf` and `encoding(...)` transform bytes, and the `utf8` mark of the topmost layer says that
//! what comes out is characters.

use crate::encoding::Encoding;
use crate::errno::Errno;

/// One layer as written in an `open` mode or a `binmode` argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    pub name: String,
    pub arg: Option<String>,
}

/// Why a layer list was refused: the errno for `$!`, and the warning perl gives (category `layer`, or `io`
/// for a missing encoding), without the ` at FILE line N.` part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerError {
    pub errno: Option<Errno>,
    pub warning: String,
}

impl LayerError {
    fn new(errno: Option<i32>, warning: String) -> LayerError {
        LayerError { errno: errno.map(Errno), warning }
    }
}

/// Splits `:crlf:encoding(UTF-8) :utf8` into layers.
pub fn parse(spec: &[u8]) -> Result<Vec<LayerSpec>, LayerError> {
    let mut out = Vec::new();
    let mut i = 0;
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    loop {
        while i < spec.len() && (spec[i].is_ascii_whitespace() || spec[i] == b':') {
            i += 1;
        }
        if i == spec.len() {
            return Ok(out);
        }
        let start = i;
        if !(spec[i].is_ascii_alphabetic() || spec[i] == b'_') {
            let quote = if spec[i] == b'\'' { '"' } else { '\'' };
            return Err(LayerError::new(
                Some(libc::EINVAL),
                format!(
                    "Invalid separator character {quote}{}{quote} in PerlIO layer specification {}",
                    char::from(spec[i]),
                    text(&spec[i..])
                ),
            ));
        }
        while i < spec.len() && (spec[i].is_ascii_alphanumeric() || spec[i] == b'_') {
            i += 1;
        }
        let name = text(&spec[start..i]);
        let mut arg = None;
        if i < spec.len() && spec[i] == b'(' {
            let from = i + 1;
            let mut depth = 1;
            i += 1;
            while i < spec.len() && depth > 0 {
                match spec[i] {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    b'\\' if i + 1 < spec.len() => i += 1,
                    _ => {}
                }
                i += 1;
            }
            if depth > 0 {
                let rest = text(&spec[start..]);
                return Err(LayerError::new(
                    None,
                    format!("Argument list not closed for PerlIO layer \"{rest}\""),
                ));
            }
            arg = Some(text(&spec[from..i - 1]));
        }
        out.push(LayerSpec { name, arg });
    }
}

/// What a layer does to the bytes.
#[derive(Clone)]
pub enum Kind {
    /// Buffering or descriptor access: `unix`, `perlio`, `stdio`, `scalar`, `mmap`.
    Base(&'static str),
    Crlf,
    Encoding(Encoding),
}

#[derive(Clone)]
pub struct Layer {
    pub kind: Kind,
    pub utf8: bool,
}

/// A handle's layers, bottom first.
#[derive(Clone, Default)]
pub struct Layers(pub Vec<Layer>);

impl Layers {
    pub fn base(names: &[&'static str]) -> Layers {
        Layers(names.iter().map(|n| Layer { kind: Kind::Base(n), utf8: false }).collect())
    }

    /// The names `PerlIO::get_layers` gives, `utf8` following each layer that has the mark.
    pub fn names(&self) -> Vec<String> {
        let mut out = Vec::new();
        for l in &self.0 {
            out.push(match &l.kind {
                Kind::Base(n) => (*n).to_string(),
                Kind::Crlf => "crlf".to_string(),
                Kind::Encoding(e) => format!("encoding({})", e.name()),
            });
            if l.utf8 {
                out.push("utf8".to_string());
            }
        }
        out
    }

    /// True if what the handle delivers and takes is characters.
    pub fn is_utf8(&self) -> bool {
        self.0.last().is_some_and(|l| l.utf8)
    }

    /// True if some layer changes bytes.
    pub fn transforms(&self) -> bool {
        self.0.iter().any(|l| !matches!(l.kind, Kind::Base(_)))
    }

    /// True if a buffering layer is present (`open(F, "<:unix", …)` has none).
    pub fn buffered(&self) -> bool {
        self.0.iter().any(|l| !matches!(l.kind, Kind::Base("unix")))
    }

    /// True for a buffer above a scalar (`:scalar:perlio`).
    pub fn buffered_scalar(&self) -> bool {
        let has = |name: &str| self.0.iter().any(|l| matches!(l.kind, Kind::Base(n) if n == name));
        has("scalar") && has("perlio")
    }

    /// True if there is an encoding layer.
    pub fn encodes(&self) -> bool {
        self.0.iter().any(|l| matches!(l.kind, Kind::Encoding(_)))
    }

    /// Applies one layer as `binmode` and the layers of `open` do. `opening` is set while the stack is being
    /// built: then a leading base layer chooses the base instead of being stacked.
    pub fn apply(&mut self, spec: &LayerSpec, opening: bool) -> Result<(), LayerError> {
        let top_utf8 = self.is_utf8();
        match spec.name.as_str() {
            "raw" => self.raw(),
            "bytes" => self.mark(false),
            "utf8" => self.mark(true),
            "pop" => {
                self.0.pop();
            }
            "crlf" => {
                if !matches!(self.0.last(), Some(Layer { kind: Kind::Crlf, .. })) {
                    self.0.push(Layer { kind: Kind::Crlf, utf8: top_utf8 });
                }
            }
            "encoding" => {
                let name = spec.arg.as_deref().unwrap_or("");
                let enc = Encoding::find(name).ok_or_else(|| {
                    LayerError::new(Some(libc::EINVAL), format!("Cannot find encoding \"{name}\""))
                })?;
                self.0.push(Layer { kind: Kind::Encoding(enc), utf8: true });
            }
            base @ ("unix" | "perlio" | "stdio" | "mmap") => {
                let base =
                    ["unix", "perlio", "stdio", "mmap"].into_iter().find(|n| *n == base).unwrap_or("perlio");
                if opening && matches!(base, "unix" | "stdio") {
                    self.0.clear();
                }
                self.0.push(Layer { kind: Kind::Base(base), utf8: top_utf8 });
            }
            // What a file in memory has below everything else already.
            "scalar" if self.0.iter().any(|l| matches!(l.kind, Kind::Base("scalar"))) => {}
            other => return Err(LayerError::new(None, format!("Unknown PerlIO layer \"{other}\""))),
        }
        Ok(())
    }

    /// `:raw`: everything that changes bytes goes, and the `utf8` mark with it.
    fn raw(&mut self) {
        while self.0.last().is_some_and(|l| !matches!(l.kind, Kind::Base(_))) {
            self.0.pop();
        }
        // A transform below a base layer (`:crlf:perlio`) goes as well: raw means the file's own bytes.
        self.0.retain(|l| matches!(l.kind, Kind::Base(_)));
        self.mark(false);
    }

    fn mark(&mut self, utf8: bool) {
        if let Some(l) = self.0.last_mut() {
            l.utf8 = utf8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(spec: &str) -> Vec<String> {
        let mut l = Layers::base(&["unix", "perlio"]);
        for s in parse(spec.as_bytes()).unwrap() {
            l.apply(&s, true).unwrap();
        }
        l.names()
    }

    #[test]
    fn stacks_as_perl_reports_them() {
        assert_eq!(stack(":crlf").join(" "), "unix perlio crlf");
        assert_eq!(stack(":crlf:raw").join(" "), "unix perlio");
        assert_eq!(stack(" :utf8 :crlf ").join(" "), "unix perlio utf8 crlf utf8");
        assert_eq!(stack(":encoding(UTF-8)").join(" "), "unix perlio encoding(utf-8-strict) utf8");
        assert_eq!(stack(":encoding(utf8):bytes").join(" "), "unix perlio encoding(utf8)");
        assert_eq!(stack(":unix").join(" "), "unix");
        assert_eq!(stack(":stdio").join(" "), "stdio");
        assert_eq!(stack(":perlio").join(" "), "unix perlio perlio");
    }

    #[test]
    fn errors_are_worded_as_perl_does() {
        assert_eq!(
            parse(b"utf8(x").unwrap_err().warning,
            "Argument list not closed for PerlIO layer \"utf8(x\""
        );
        assert_eq!(
            parse(b"<").unwrap_err().warning,
            "Invalid separator character '<' in PerlIO layer specification <"
        );
        let mut l = Layers::base(&["unix", "perlio"]);
        let bad = |n: &str| LayerSpec { name: n.into(), arg: Some("nope".into()) };
        assert_eq!(l.apply(&bad("foo"), true).unwrap_err().warning, "Unknown PerlIO layer \"foo\"");
        assert_eq!(l.apply(&bad("encoding"), true).unwrap_err().warning, "Cannot find encoding \"nope\"");
    }
}
