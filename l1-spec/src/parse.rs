//! Runs lexer and grammar and words their errors.
use crate::ast::{Item, RuleAst, Span};
use crate::diag::Diagnostic;
use crate::lexer::{LexError, Tok, tokens};
use lalrpop_util::ParseError;

#[allow(clippy::all, clippy::pedantic, unused)]
mod grammar {
    lalrpop_util::lalrpop_mod!(inner, "/grammar.rs");
    pub use inner::*;
}

/// All items of one file, or the first error.
pub fn file(source: &str) -> Result<Vec<Item<'_>>, Diagnostic> {
    grammar::FileParser::new().parse(tokens(source)).map_err(|e| wording(source, e))
}

/// All rules of one `.rules` file, or the first error.
pub fn rules(source: &str) -> Result<Vec<RuleAst<'_>>, Diagnostic> {
    grammar::RulesParser::new().parse(tokens(source)).map_err(|e| wording(source, e))
}

fn wording(source: &str, e: ParseError<usize, Tok<'_>, LexError>) -> Diagnostic {
    let err = |span: Span, m: String| Diagnostic::new("L1-P01", span, m);
    match e {
        ParseError::User { error } => Diagnostic::new("L1-P02", error.span, error.message),
        ParseError::InvalidToken { location } => err((location, location + 1), "cannot read this".into()),
        ParseError::UnrecognizedEof { location, expected } => {
            err((location.saturating_sub(1), location), "the file ends in the middle of a definition".into())
                .note(expected_note(&expected))
        }
        ParseError::UnrecognizedToken { token: (lo, tok, hi), expected } => {
            let what = match tok {
                Tok::Nl => "end of line".to_string(),
                _ => format!("`{}`", &source[lo..hi]),
            };
            err((lo, hi), format!("unexpected {what}")).note(expected_note(&expected))
        }
        ParseError::ExtraToken { token: (lo, _, hi) } => err((lo, hi), "nothing may follow here".to_string()),
    }
}

/// The expected tokens, in words, without the long tail of words that may be names.
fn expected_note(expected: &[String]) -> String {
    let name = |e: &str| match e {
        "NAME" => "a name".to_string(),
        "INT" => "a number".into(),
        "FLOAT" => "a double".into(),
        "STR" => "a string".into(),
        "VAR" => "a $parameter".into(),
        "ATVAR" => "a @list".into(),
        "TEMP" => "a temporary such as [I0]".into(),
        "DOC" => "`///`".into(),
        "NL" => "end of line".into(),
        "PATH" => "a Rust path a::b".into(),
        e => format!("`{}`", e.trim_matches('"')),
    };
    let word = |e: &str| e.trim_matches('"').starts_with(|c: char| c.is_ascii_lowercase());
    let has_name = expected.iter().any(|e| e == "NAME");
    let mut v: Vec<_> = expected.iter().filter(|e| !(has_name && word(e))).map(|e| name(e)).collect();
    v.dedup();
    match v.split_last() {
        None => "nothing more was expected".into(),
        Some((last, [])) => format!("expected {last}"),
        Some((last, rest)) => format!("expected {} or {last}", rest.join(", ")),
    }
}
