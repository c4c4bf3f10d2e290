//! Errors of pattern compilation and matching, with Perl's `<-- HERE` marker.

/// Why a pattern could not be compiled or a match had to be given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    /// Perl's message without ` at FILE line N.`; in the pattern's encoding.
    pub message: Vec<u8>,
    /// `message` is UTF-8 (the pattern was).
    pub utf8: bool,
    /// The host itself stopped the match (a `die` in a code block, a signal handler that died): it holds
    /// the exception, `message` is empty.
    pub from_host: bool,
}

impl RegexError {
    /// A message without position.
    pub fn plain(message: impl Into<Vec<u8>>) -> RegexError {
        RegexError { message: message.into(), utf8: false, from_host: false }
    }

    /// The host's own exception passes through the engine.
    pub fn host() -> RegexError {
        RegexError { message: Vec::new(), utf8: false, from_host: true }
    }
}

impl std::fmt::Display for RegexError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.message))
    }
}

impl std::error::Error for RegexError {}

/// `TEXT in regex; marked by <-- HERE in m/BEFORE <-- HERE AFTER/`
pub fn marked(text: &[u8], pattern: &[u8], at: usize) -> Vec<u8> {
    let at = at.min(pattern.len());
    let mut out = text.to_vec();
    out.extend_from_slice(b" in regex; marked by <-- HERE in m/");
    out.extend_from_slice(&pattern[..at]);
    out.extend_from_slice(b" <-- HERE ");
    out.extend_from_slice(&pattern[at..]);
    out.push(b'/');
    out
}

/// `TEXT in regex m/PATTERN/`, the pattern shortened as Perl does.
pub fn unmarked(text: &[u8], pattern: &[u8]) -> Vec<u8> {
    const SHOWN: usize = 127;
    let mut out = text.to_vec();
    out.extend_from_slice(b" in regex m/");
    if pattern.len() > SHOWN {
        out.extend_from_slice(&pattern[..SHOWN - 10]);
        out.extend_from_slice(b"...");
    } else {
        out.extend_from_slice(pattern);
    }
    out.push(b'/');
    out
}
