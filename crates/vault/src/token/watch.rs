//! Notices within five seconds that the device is gone, and seals.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use db::Db;
use kernel::Clock as _;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use tokio::runtime::Handle;

use crate::keys::Root;
use crate::log::{self, Line};
use crate::sealing::{self, Gate};

/// Between two looks at the device.
const EVERY: Duration = Duration::from_secs(1);
/// A device that does not answer for so long is gone.
const PATIENCE: Duration = Duration::from_secs(3);
/// What is being answered may end within this time.
const GRACE: Duration = Duration::from_millis(500);
/// The process ends by force after this time.
const FORCE: Duration = Duration::from_secs(2);

/// Looks at the device for as long as the process lives; does nothing where the root is in none. On
/// threads of its own, so that a module that hangs holds nobody else up.
pub(crate) fn watch(root: &Arc<Root>, gate: &Arc<Gate>, db: &Db) {
    if root.bits().is_some() {
        return;
    }
    let (tell, told) = channel();
    let (root, gate, db, runtime) =
        (Arc::clone(root), Arc::clone(gate), db.clone(), Handle::current());
    std::thread::spawn(move || look(&root, &tell));
    std::thread::spawn(move || {
        let why = loop {
            match told.recv_timeout(PATIENCE) {
                Ok(Ok(())) => {}
                Ok(Err(why)) => break why,
                Err(RecvTimeoutError::Timeout) => break "it does not answer".to_owned(),
                Err(RecvTimeoutError::Disconnected) => break "its module has failed".to_owned(),
            }
        };
        gate.shut();
        tracing::error!(why, "ALARM: the device of the root is gone; the vault is sealed");
        runtime.spawn(async move {
            let now = SystemClock.now();
            let line = Line::new("vault.sealed", log::installation(), "clock", now, &OsRng);
            sealing::note(&db, line.purpose("token_missing")).await;
        });
        std::thread::sleep(GRACE);
        gate.end();
        std::thread::sleep(FORCE);
        std::process::exit(sealing::EXIT);
    });
}

fn look(root: &Root, tell: &Sender<Result<(), String>>) {
    let Root::Device(token) = root else { return };
    loop {
        let seen = token.probe().map_err(|error| error.to_string());
        if tell.send(seen).is_err() {
            return;
        }
        std::thread::sleep(EVERY);
    }
}
