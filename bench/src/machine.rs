//! The machine a figure was measured on.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Outcome;
use crate::samples::{Samples, micros};

/// Flushes timed.
const FLUSHES: u64 = 500;
/// Bytes written before each flush: a small group of log frames.
const FLUSHED_BYTES: usize = 8_192;
/// Ticks of `/proc/self/stat` per second on Linux.
const TICKS_PER_SECOND: u64 = 100;

/// What stands beside every figure.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    system: String,
    file_system: String,
    load: String,
    flush: Samples,
}

impl Machine {
    /// Looks at the machine; flushes are timed in `folder`.
    pub(crate) fn look(folder: &Path) -> Outcome<Self> {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let load = text("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ");
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: processor(&text("/proc/cpuinfo")),
            system: format!("Linux {}", text("/proc/sys/kernel/osrelease").trim()),
            file_system: file_system(&text("/proc/self/mountinfo"), &folder.canonicalize()?),
            load,
            flush: flushes(folder)?,
        })
    }

    /// Cores.
    pub(crate) const fn cores(&self) -> usize {
        self.cores
    }

    /// Lines for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let (p50, p99) = (self.flush.permille(500), self.flush.permille(990));
        vec![
            format!("machine     {} cores, {}, {}", self.cores, self.processor, self.system),
            format!("load before {} (1, 5, 15 minutes)", self.load),
            format!(
                "disk        {}; 8 kB + fdatasync: p50 {p50} µs, p99 {p99} µs",
                self.file_system
            ),
        ]
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "cores": self.cores,
            "processor": self.processor,
            "system": self.system,
            "file_system": self.file_system,
            "load_before": self.load,
            "flush_p50_micros": self.flush.permille(500),
            "flush_p99_micros": self.flush.permille(990),
        })
    }
}

/// Processor time a process used so far, in microseconds; 0 when it is gone.
pub(crate) fn micros_of(pid: u64) -> u64 {
    micros_in(&format!("/proc/{pid}/stat"))
}

/// The same of this process.
fn processor_micros() -> u64 {
    micros_in("/proc/self/stat")
}

fn micros_in(path: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    // The name of the program may hold blanks; it ends with the last bracket.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok());
    ticks.sum::<u64>().saturating_mul(1_000_000 / TICKS_PER_SECOND)
}

/// Processor time of the whole machine so far, in microseconds, without what was idle.
fn busy_micros() -> u64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).flat_map(str::parse).collect();
    // user, nice, system, (idle, iowait,) irq, softirq, steal; guests are in user already.
    let busy = [0, 1, 2, 5, 6, 7].iter().filter_map(|place| ticks.get(*place));
    busy.sum::<u64>().saturating_mul(1_000_000 / TICKS_PER_SECOND)
}

/// What was used between two instants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// By this process, in microseconds of processor time.
    pub(crate) own_micros: u64,
    /// By everything else, in percent of all cores: the machine's own threads and other people's
    /// programs. A figure measured beside much of it is too low.
    pub(crate) others_percent: u64,
    /// Cores of the machine.
    pub(crate) cores: u64,
}

/// Measures what is used from its making on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    start: Instant,
    own: u64,
    busy: u64,
}

impl Meter {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), own: processor_micros(), busy: busy_micros() }
    }

    /// What was used since.
    pub(crate) fn used(&self) -> Use {
        let own_micros = processor_micros().saturating_sub(self.own);
        let busy = busy_micros().saturating_sub(self.busy);
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        let all = micros(self.start.elapsed()).saturating_mul(cores).max(1);
        let others_percent = busy.saturating_sub(own_micros).saturating_mul(100) / all;
        Use { own_micros, others_percent, cores }
    }
}

/// Overwrites the same blocks again and again, so that only data is flushed.
fn flushes(folder: &Path) -> Outcome<Samples> {
    let path = folder.join("flush");
    let file: File = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let bytes = [7_u8; FLUSHED_BYTES];
    file.write_all_at(&bytes, 0)?;
    file.sync_all()?;
    let mut times = Vec::new();
    for _ in 0..FLUSHES {
        let start = Instant::now();
        file.write_all_at(&bytes, 0)?;
        file.sync_data()?;
        times.push(micros(start.elapsed()));
    }
    fs::remove_file(path)?;
    Ok(Samples::new(times))
}

fn processor(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim());
    name.unwrap_or("processor unknown").to_owned()
}

/// Kind of the file system that holds a path: the longest mount point before it.
fn file_system(mountinfo: &str, path: &Path) -> String {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.to_owned();
        let kind = right.split(' ').next()?.to_owned();
        path.starts_with(&point).then_some((point, kind))
    };
    let best = mountinfo.lines().filter_map(mount).max_by_key(|(point, _)| point.len());
    best.map_or_else(|| "file system unknown".to_owned(), |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_decides() {
        let mounts = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:3 / /tmp rw - tmpfs tmpfs rw\n";
        assert_eq!(file_system(mounts, Path::new("/tmp/x")), "tmpfs");
        assert_eq!(file_system(mounts, Path::new("/srv/x")), "ext4");
        assert_eq!(processor("model name\t: Fast\n"), "Fast");
    }
}
