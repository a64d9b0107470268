//! The vault's backup as its operator lives with it: made beside a running installation, restored on
//! an empty folder by the same program.

use std::path::Path;

use serde_json::json;

use crate::operations::{guichet, install, said, serve};

/// Adds settings of the vault to a configuration.
fn set(config: &str, lines: &str) {
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.replacen("[vault]\n", &format!("[vault]\n{lines}\n"), 1)).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn v_151_v_152_v_154_the_operator_makes_a_backup_and_restores_it_on_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (config, port) = install(&home);
    let file = |name: &str| folder.path().join(name);
    let (key, backups) = (file("anne.key"), file("backups"));
    let vault =
        |words: &[&str]| guichet(&[&["vault"], words, &["--json", "--config", &config]].concat());
    let made = guichet(&["vault", "backup-key", text(&key), "--json"]);
    let line = said(&made)["recipient"].as_str().unwrap().to_owned();
    assert_eq!(guichet(&["vault", "backup-key", text(&key)]).status.code(), Some(2), "it is there");
    let without = vault(&["backup"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("backup_dir"), "{without:?}");
    set(&config, &format!("backup_dir = {backups:?}\nbackup_recipients = [{line:?}]"));
    {
        let _server = serve(&config, port);
        let status = vault(&["status"]);
        assert_eq!(status.status.code(), Some(1));
        assert!(said(&status)["wrong"].to_string().contains("no backup"), "{status:?}");
        let elsewhere = vault(&["backup", "/tmp"]);
        assert_eq!(elsewhere.status.code(), Some(2), "{elsewhere:?}");
        let made = vault(&["backup", text(&backups)]);
        assert_eq!((made.status.code(), &said(&made)["cards"]), (Some(0), &json!(0)), "{made:?}");
        let told = said(&vault(&["status"]));
        assert_eq!(told["figures"]["backup"]["newest"], said(&made)["name"], "{told}");
        assert!(!told["wrong"].to_string().contains("backup"), "{told}");
        let tried = vault(&["backup", "--check"]);
        assert_eq!((tried.status.code(), &said(&tried)["fault"]), (Some(0), &json!(null)));
        let saved = vault(&["log", "save", text(&file("log"))]);
        assert_eq!(saved.status.code(), Some(0), "{saved:?}");
        let gone = vault(&["gone", text(&file("gone"))]);
        assert_eq!((gone.status.code(), &said(&gone)["cards"]), (Some(0), &json!(0)), "{gone:?}");
    }
    let (key, log, gone) = (file("anne.key"), file("log"), file("gone"));
    let restore = |more: &[&str]| {
        let words = ["restore", text(&backups), "--key", text(&key)];
        vault(&[&words[..], more].concat())
    };
    let sources = ["--log", text(&log), "--gone", text(&gone)];
    assert_eq!(restore(&sources).status.code(), Some(2), "the folder is not empty");
    std::fs::rename(home.join("vault"), file("lost")).unwrap();
    let nothing = restore(&[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("--accept-return"), "{nothing:?}");
    let would = restore(&[&sources[..], &["--dry-run"]].concat());
    assert_eq!(would.status.code(), Some(0), "{would:?}");
    let restored = restore(&sources);
    assert_eq!(restored.status.code(), Some(0), "{restored:?}");
    assert_eq!(said(&restored), said(&would), "as it was told before");
    let _server = serve(&config, port);
    let verified = vault(&["log", "verify"]);
    assert_eq!((verified.status.code(), &said(&verified)["sound"]), (Some(0), &json!(true)));
    let again = vault(&["backup"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
}
