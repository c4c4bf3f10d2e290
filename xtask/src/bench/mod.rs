//! `cargo xtask bench`: what Keshi's speed is to perl's, on this machine, in this run.
//!
//! Every program of `benches/` runs under perl and under each way of running Keshi, one after
//! the other and that at least five times, so that a slow minute of the machine hits all. The
//! number is the median. A program that prints something else than perl is an error: speed of
//! wrong results is no speed.

mod measure;
mod perturb;

use crate::args::Args;
use measure::{Run, Way, median};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The programs that are one loop.
pub const LOOPS: &[&str] = &["mandelbrot", "sum_while", "for_sum", "for_mod7", "map_numeric"];
/// A start takes too little time for one measurement: so many make one sample.
const STARTS: u32 = 20;
/// The largest factor between the ratio of a program and that of a variant of it.
const TOLERANCE: f64 = 1.3;

struct Setup {
    perl: PathBuf,
    keshi: PathBuf,
    runs: u32,
    programs: Vec<String>,
}

pub fn main(mut args: Args) -> Result<(), String> {
    let perl = args.path("--perl")?.unwrap_or_else(|| "perl".into());
    let keshi = match args.path("--keshi")? {
        Some(path) => path,
        None => {
            let built = xtask::workspace_root().join("target/release/keshi");
            if !built.exists() {
                return Err("no target/release/keshi: run cargo build --release, or give --keshi PATH".into());
            }
            built
        }
    };
    let runs = args.number("--runs")?.unwrap_or(5).max(5);
    let perturb = args.flag("--perturb");
    let programs = args.words()?;
    let known = |name: &String| LOOPS.contains(&name.as_str()) || name == "startup";
    if let Some(unknown) = programs.iter().find(|p| !known(p)) {
        return Err(format!("no benchmark '{unknown}' (there are {}, startup)", LOOPS.join(", ")));
    }
    let setup = Setup { perl, keshi, runs, programs };
    if perturb { perturbed(&setup) } else { table(&setup) }
}

impl Setup {
    fn wants(&self, name: &str) -> bool {
        self.programs.is_empty() || self.programs.iter().any(|p| p == name)
    }

    /// Runs `script` in all ways, interleaved, and `beside` each time; the runs of each way.
    fn measure(
        &self,
        script: &Path,
        ways: &[Way],
        mut beside: impl FnMut() -> Result<(), String>,
    ) -> Result<Vec<Vec<Run>>, String> {
        let mut runs = vec![Vec::new(); ways.len()];
        for _ in 0..self.runs {
            for (way, runs) in ways.iter().zip(&mut runs) {
                let run = measure::run(way, script)
                    .map_err(|e| format!("{} {}: {e}", way.program.display(), script.display()))?;
                runs.push(run);
            }
            beside()?;
        }
        let expected = &runs[0][0].stdout;
        for (way, runs) in ways.iter().zip(&runs) {
            if let Some(other) = runs.iter().find(|r| r.stdout != *expected) {
                return Err(format!(
                    "{} {:?} {} prints\n  {}instead of\n  {}",
                    way.program.display(),
                    way.flags,
                    script.display(),
                    String::from_utf8_lossy(&other.stdout),
                    String::from_utf8_lossy(expected),
                ));
            }
        }
        Ok(runs)
    }
}

fn source_of(name: &str) -> PathBuf {
    xtask::workspace_root().join("benches").join(format!("{name}.pl"))
}

fn cpu(runs: &[Run]) -> Duration {
    median(runs.iter().map(|r| r.cpu))
}

fn wall(runs: &[Run]) -> Duration {
    median(runs.iter().map(|r| r.wall))
}

/// How many times longer `a` is than `b`.
fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

fn table(setup: &Setup) -> Result<(), String> {
    let ways = [
        Way::new(&setup.perl, &[]),
        Way::new(&setup.keshi, &[]),
        Way::new(&setup.keshi, &["--jit=off", "--parallel=off"]),
        Way::new(&setup.keshi, &["--threads=1"]),
        Way::new(&setup.keshi, &["--threads=2"]),
    ];
    println!("CPU time in ms, median of {} runs; × is how many times faster than perl", setup.runs);
    println!(
        "wall time of one and two threads; pair: two runs of one thread at once, as a multiple of one alone"
    );
    println!(
        "{:<12} {:>9} {:>9} {:>7} {:>9} {:>7}   {:>9} {:>9} {:>6} {:>6}",
        "", "perl", "keshi", "×", "jit=off", "×", "wall 1 th", "wall 2 th", "2/1", "pair"
    );
    for name in LOOPS.iter().filter(|name| setup.wants(name)) {
        let source = source_of(name);
        let mut pairs = Vec::new();
        let runs = setup.measure(&source, &ways, || {
            pairs.push(measure::twice_at_once(&ways[3], &source).map_err(|e| format!("{name}: {e}"))?);
            Ok(())
        })?;
        let (perl, keshi, off) = (cpu(&runs[0]), cpu(&runs[1]), cpu(&runs[2]));
        let (one, two) = (wall(&runs[3]), wall(&runs[4]));
        println!(
            "{name:<12} {:>9} {:>9} {:>7.1} {:>9} {:>7.2}   {:>9} {:>9} {:>6.2} {:>6.2}",
            ms(perl),
            ms(keshi),
            ratio(perl, keshi),
            ms(off),
            ratio(perl, off),
            ms(one),
            ms(two),
            ratio(two, one),
            ratio(median(pairs), one),
        );
    }
    if setup.wants("startup") { startup(setup, &ways[..2]) } else { Ok(()) }
}

/// Start and end of the process: CPU time and the largest amount of memory.
fn startup(setup: &Setup, ways: &[Way]) -> Result<(), String> {
    let script = source_of("startup");
    let mut samples = vec![Vec::new(); ways.len()];
    let mut peaks = vec![0; ways.len()];
    for _ in 0..setup.runs {
        for (i, way) in ways.iter().enumerate() {
            let mut total = Duration::ZERO;
            for _ in 0..STARTS {
                let run =
                    measure::run(way, &script).map_err(|e| format!("{}: {e}", way.program.display()))?;
                total += run.cpu;
                peaks[i] = peaks[i].max(run.peak_kib);
            }
            samples[i].push(total / STARTS);
        }
    }
    let times: Vec<Duration> = samples.into_iter().map(median).collect();
    println!(
        "startup      perl {} ms, {:.1} MB; keshi {} ms, {:.1} MB; keshi takes {:.2} of perl's time",
        format_args!("{:.2}", times[0].as_secs_f64() * 1000.0),
        peaks[0] as f64 / 1024.0,
        format_args!("{:.2}", times[1].as_secs_f64() * 1000.0),
        peaks[1] as f64 / 1024.0,
        ratio(times[1], times[0]),
    );
    Ok(())
}

/// The ratios of variants of each program beside that of the program itself.
fn perturbed(setup: &Setup) -> Result<(), String> {
    let ways = [
        Way::new(&setup.perl, &[]),
        Way::new(&setup.keshi, &[]),
        Way::new(&setup.keshi, &["--jit=off", "--parallel=off"]),
    ];
    let scratch = tempfile::tempdir().map_err(|e| format!("no temporary directory: {e}"))?;
    let ratios = |script: &Path| -> Result<[f64; 2], String> {
        let runs = setup.measure(script, &ways, || Ok(()))?;
        Ok([1, 2].map(|way| ratio(cpu(&runs[0]), cpu(&runs[way]))))
    };
    let mut moved = Vec::new();
    println!("how many times faster than perl:        keshi   jit=off");
    for name in LOOPS.iter().filter(|name| setup.wants(name)) {
        let path = source_of(name);
        let source = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let base = ratios(&path)?;
        println!("{name:<14} {:<18} {:>10.1} {:>9.2}", "as it is", base[0], base[1]);
        for variant in perturb::variants(&source) {
            let file = scratch.path().join(format!("{name}.pl"));
            std::fs::write(&file, &variant.source).map_err(|e| format!("{}: {e}", file.display()))?;
            let got = ratios(&file)?;
            println!("{name:<14} {:<18} {:>10.1} {:>9.2}", variant.name, got[0], got[1]);
            for (mode, (base, got)) in ["", " --jit=off"].iter().zip(base.iter().zip(&got)) {
                if got / base > TOLERANCE || base / got > TOLERANCE {
                    moved.push(format!("{name}{mode}, {}: {got:.1} instead of {base:.1}", variant.name));
                }
            }
        }
    }
    if moved.is_empty() {
        println!("no ratio moved by more than {TOLERANCE}");
        return Ok(());
    }
    Err(format!("ratios moved by more than {TOLERANCE}:\n  {}", moved.join("\n  ")))
}
