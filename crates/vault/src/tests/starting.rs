//! Starting: faults that are named, and a sandbox that holds.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::house::House;

#[test]
fn v_124_v_134_a_wrong_start_is_refused_by_name() {
    let mut house = House::open();
    house.kill();
    let config = house.config.clone();
    let said = |config: &crate::Config| crate::run::open(config).err().unwrap().to_string();
    let root = &config.root_file;
    std::fs::set_permissions(root, PermissionsExt::from_mode(0o444)).unwrap();
    assert!(said(&config).contains("0444"));
    std::fs::set_permissions(root, PermissionsExt::from_mode(0o400)).unwrap();
    let taken = std::net::TcpListener::bind(config.listen).unwrap();
    assert!(said(&config).contains(&config.listen.to_string()), "a busy port is named");
    drop(taken);
    let real = crate::Config { demo: false, ..config.clone() };
    assert!(said(&real).contains("same_user"));
    std::fs::remove_file(root).unwrap();
    let real = crate::Config { same_user: Some("accepted: one host".into()), ..real };
    assert!(said(&real).contains("missing"), "outside the demo no root is made");
    let other = crate::Config { demo: true, ..config };
    house.config = other;
    let opened = crate::run::open(&house.config).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = runtime.block_on(crate::run::serve(house.config.clone(), opened, Vec::new()));
    assert!(started.err().unwrap().to_string().contains("another root key"));
}

const ROLE: &str = "GUICHET_TEST_CONFINED";

/// Runs a test of this binary in a process of its own.
fn child(role: &str) -> std::process::Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::starting::confined_child", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .output()
        .unwrap()
}

/// Does nothing unless [`child`] runs it. Its own thread is the confined one.
#[test]
fn confined_child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_owned();
    let outside = dir.path().with_extension("outside");
    std::fs::write(&outside, "x").unwrap();
    let allowed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let forbidden = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let missing = crate::confine::confine(&data, &[allowed.local_addr().unwrap()]);
    eprintln!("missing: {missing:?}");
    let landlock = !missing.iter().any(|text| text.contains("Landlock"));
    let thread = std::thread::spawn(|| 7);
    assert_eq!(thread.join().unwrap(), 7, "threads still start");
    std::fs::write(data.join("inside"), "x").unwrap();
    let allowed = allowed.local_addr().unwrap();
    assert!(std::net::TcpStream::connect(allowed).is_ok());
    if landlock {
        assert!(std::fs::read(&outside).is_err(), "a file outside");
        assert!(std::fs::read("/etc/passwd").is_err(), "a file of the system");
        let forbidden = forbidden.local_addr().unwrap();
        assert!(std::net::TcpStream::connect(forbidden).is_err(), "another port");
        assert!(std::net::TcpListener::bind("127.0.0.1:0").is_err(), "a new door");
    }
    if role == "exec" {
        let _ = Command::new("/bin/true").status();
        eprintln!("still alive");
    }
    eprintln!("confined well");
}

#[test]
fn v_135_v_136_the_sandbox_holds() {
    let output = child("files");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("confined well"), "{said}");
    let output = child("exec");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !said.contains("seccomp:") {
        assert!(!said.contains("/bin/true") || !output.status.success(), "{said}");
    }
}
