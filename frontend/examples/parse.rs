//! Parses files with a Host that runs nothing, and counts the failures: `parse FILE…`. With `-q` only the
//! counts are printed, with `-d` the trees; the subs of the file after `-l` are known to all later files.
#[path = "../tests/mock/mod.rs"]
mod mock;

use keshi_frontend::{CompileError, Options, Source, parse};

fn main() {
    let mut quiet = false;
    let mut debug = false;
    let (mut good, mut bad) = (0, 0);
    let mut known = Vec::new();
    let mut preload = false;
    let mut check = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-q" => {
                quiet = true;
                continue;
            }
            "-d" => {
                debug = true;
                continue;
            }
            // `-c NAME FILE`: parses the file under that name and prints warnings and the complete message.
            "-c" => {
                check = args.next();
                continue;
            }
            // The next file's subs are known to all following ones.
            "-l" => {
                preload = true;
                continue;
            }
            _ => {}
        }
        let text = match std::fs::read(&arg) {
            Ok(t) => t,
            Err(e) => {
                eprintln!("{arg}: {e}");
                continue;
            }
        };
        let mut host = mock::Mock::default();
        host.subs.extend(known.iter().cloned());
        if let Some(name) = check.take() {
            let source = Source { text, utf8: false, characters: false, file: name.as_str().into(), line: 1 };
            let result = parse(&mut host, source, Options::main());
            for w in &host.warnings {
                print!("{w}");
            }
            if let Err(CompileError::Message(m)) = result {
                print!("{}", m.to_text());
            }
            return;
        }
        let source = Source { text, utf8: false, characters: false, file: arg.as_str().into(), line: 1 };
        match parse(&mut host, source, Options::main()) {
            Ok(def) => {
                good += 1;
                if std::mem::take(&mut preload) {
                    known = host.subs.into_iter().collect();
                }
                if debug {
                    print!("{}", keshi_frontend::dump::dump_sub(&def));
                }
            }
            Err(CompileError::Message(m)) => {
                bad += 1;
                if !quiet {
                    println!("{arg}: {}", m.to_text().lines().next().unwrap_or(""));
                }
            }
            Err(CompileError::Exception(_)) => bad += 1,
        }
    }
    println!("parsed {good}, failed {bad}");
}
