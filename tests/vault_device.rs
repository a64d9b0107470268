//! The root in a device as an operator lives with it: the real program, SoftHSM, its files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::PATIENCE;
use crate::operations::{guichet, install, said, serve};

const LABEL: &str = "guichet-test";
const PIN: &str = "50417263";
const USUAL_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A device in software with all its files in a folder; gives the path of its configuration.
fn device(folder: &Path) -> String {
    let tokens = folder.join("tokens");
    fs::create_dir_all(&tokens).unwrap();
    let path = folder.join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    fs::write(&path, text).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "11112222"])
        .env("SOFTHSM2_CONF", &path)
        .output()
        .map_err(|error| format!("softhsm2 is missing ({error}): cargo xtask test installs it"))
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    path.display().to_string()
}

fn write_pin(path: &Path, pin: &str) {
    fs::write(path, format!("{pin}\n")).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

fn until(what: &str, ask: impl Fn() -> Output, good: impl Fn(&Output) -> bool) {
    let limit = Instant::now() + PATIENCE;
    loop {
        let told = ask();
        if good(&told) {
            return;
        }
        assert!(Instant::now() < limit, "{what}: {told:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn v_125_the_operator_keeps_the_root_in_a_device_and_pulls_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (config, port) = install(&home);
    let words = |command: &'static str| ["vault", command, "--json", "--config", &config];
    let vault = |command| guichet(&words(command));
    let place = folder.path().join("device");
    let variable = device(&place);
    let pin = folder.path().join("pin");
    write_pin(&pin, PIN);
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replacen("[vault]\n", "[vault]\nroot = \"token\"\n", 1);
    let (place_text, pin_text) = (place.display(), pin.display());
    let module = std::env::var("SOFTHSM2_MODULE").unwrap_or_else(|_| USUAL_MODULE.to_owned());
    let token = format!(
        "\n[vault.token]\nmodule = \"{module}\"\nlabel = \"{LABEL}\"\n\
         pin_file = \"{pin_text}\"\nfolders = [\"{place_text}\"]\n\
         environment = {{ SOFTHSM2_CONF = \"{variable}\" }}\n"
    );
    fs::write(&config, text + &token).unwrap();
    let check = |what: &str| -> Value {
        let told = said(&guichet(&["doctor", "--json", "--config", &config]));
        let checks = told["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["what"] == what).unwrap()["state"].clone()
    };
    assert_eq!(check("root key"), "wrong", "the file of the installation is still there");
    fs::remove_file(home.join("vault-root.key")).unwrap();
    assert_eq!([check("root key"), check("root device"), check("device PIN")], ["ok", "ok", "ok"]);
    let make = || guichet(&["vault", "token", "make", "--json", "--config", &config]);
    let made = said(&make());
    assert_eq!(made["key_id"].as_str().map(str::len), Some(32), "{made}");
    let again = make();
    assert!(!again.status.success(), "never a second key: {again:?}");
    let _server = serve(&config, port);
    let inventory = said(&vault("crypto-inventory"));
    assert_eq!(inventory["keys"][0]["hsm_serial"], made["serial"], "{inventory}");

    let away = place.join("away");
    fs::rename(place.join("tokens"), &away).unwrap();
    fs::create_dir(place.join("tokens")).unwrap();
    let fault = |told: &Output| {
        told.status.code() == Some(1)
            && serde_json::from_slice::<Value>(&told.stdout)
                .is_ok_and(|told| told["sealed"]["fault"] == "missing")
    };
    until("sealed without its device", || vault("status"), fault);
    fs::remove_dir(place.join("tokens")).unwrap();
    fs::rename(&away, place.join("tokens")).unwrap();
    let open = |told: &Output| {
        serde_json::from_slice::<Value>(&told.stdout)
            .is_ok_and(|told| told["sealed"].is_null() && told["figures"].is_object())
    };
    until("open with its device", || vault("status"), open);

    write_pin(&pin, "00000000");
    assert!(vault("seal").status.success());
    let refused = vault("unseal");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(said(&refused), json!({ "open": false, "fault": "pin_refused" }));
    write_pin(&pin, PIN);
    let opened = vault("unseal");
    assert_eq!((opened.status.code(), said(&opened)), (Some(0), json!({ "open": true })));
}
