//! Arguments of the commands: `--name VALUE`, `--name=VALUE`, `--flag` and plain words.
//! Every command takes what it knows and then calls [`Args::finish`], which refuses the rest.

use std::path::PathBuf;

pub struct Args {
    rest: Vec<String>,
}

impl Args {
    pub fn from_env() -> Args {
        Args { rest: std::env::args().skip(1).collect() }
    }

    /// The first word.
    pub fn command(&mut self) -> Option<String> {
        (!self.rest.is_empty()).then(|| self.rest.remove(0))
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        let prefix = format!("{name}=");
        let Some(at) = self.rest.iter().position(|a| a == name || a.starts_with(&prefix)) else {
            return Ok(None);
        };
        let word = self.rest.remove(at);
        if let Some(value) = word.strip_prefix(&prefix) {
            return Ok(Some(value.to_owned()));
        }
        if at < self.rest.len() {
            Ok(Some(self.rest.remove(at)))
        } else {
            Err(format!("{name} wants a value"))
        }
    }

    pub fn path(&mut self, name: &str) -> Result<Option<PathBuf>, String> {
        Ok(self.value(name)?.map(PathBuf::from))
    }

    pub fn number(&mut self, name: &str) -> Result<Option<u32>, String> {
        match self.value(name)? {
            Some(text) => text.parse().map(Some).map_err(|_| format!("{name} wants a number, not '{text}'")),
            None => Ok(None),
        }
    }

    pub fn flag(&mut self, name: &str) -> bool {
        let at = self.rest.iter().position(|a| a == name);
        at.map(|at| self.rest.remove(at)).is_some()
    }

    /// The plain words that are left; an option among them is an error.
    pub fn words(self) -> Result<Vec<String>, String> {
        match self.rest.iter().find(|a| a.starts_with('-')) {
            Some(option) => Err(format!("no option '{option}'")),
            None => Ok(self.rest),
        }
    }

    pub fn finish(self) -> Result<(), String> {
        match self.words()?.first() {
            Some(word) => Err(format!("'{word}' is one word too many")),
            None => Ok(()),
        }
    }
}
