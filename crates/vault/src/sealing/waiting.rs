//! A vault without its root: it says how it is, and takes what opens it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use db::Db;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use vault_wire::frame::{Answer, Request, VERSION};
use vault_wire::{
    Done, Figures, FiguresGet, Health, Healthy, Hello, Refused, RootForm, Seal, SealState, Unseal,
    UnsealShare, Welcome,
};

use super::unsealing::{Gathering, ShareError, Taken, Whole};
use super::{Gate, custodians, note, refusal, unmark};
use crate::core::ToCore;
use crate::core::dispatch::{Outcome, answer, read, unspoken};
use crate::keys::{Key, keyring};
use crate::log::{self, Line, refused};
use crate::{Config, capture};

/// How often shares that have waited too long are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// A sealed vault.
pub(crate) struct Sealed {
    since: Timestamp,
    form: RootForm,
    data_dir: PathBuf,
    origin: String,
    missing: Vec<String>,
    db: Db,
    gate: Arc<Gate>,
    gathering: Gathering,
    root: Option<Key>,
}

impl Sealed {
    pub(crate) fn new(
        config: &Config,
        (origin, missing): (String, Vec<String>),
        (db, gate): (Db, Arc<Gate>),
    ) -> Self {
        Self {
            since: SystemClock.now(),
            form: config.root,
            data_dir: config.data_dir.clone(),
            origin,
            missing,
            db,
            gate,
            gathering: Gathering::default(),
            root: None,
        }
    }

    /// Answers until the root is there; nothing when nobody can ask any more.
    pub(crate) async fn wait(mut self, messages: &mut mpsc::Receiver<ToCore>) -> Option<Key> {
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        while self.root.is_none() {
            let message = tokio::select! {
                message = messages.recv() => message?,
                _ = tidy.tick() => {
                    self.gathering.tidy(SystemClock.now());
                    continue;
                }
            };
            // The edge sends nothing through a shut gate: whatever else comes is dropped, and its
            // asker hears that the vault does not answer.
            if let ToCore::Wire(request, reply) = message {
                let _ = reply.send(self.wire(*request).await);
            }
        }
        self.root
    }

    async fn wire(&mut self, request: Request) -> Answer {
        let Request { v, id, op, body, .. } = request;
        let outcome = if v == VERSION { self.operation(&op, body).await } else { Err(unspoken()) };
        Answer::of(id, outcome)
    }

    async fn operation(&mut self, op: &str, body: Value) -> Outcome {
        match op {
            "hello" => {
                let Hello { .. } = read(body)?;
                answer(&Welcome {
                    v: VERSION,
                    origin: self.origin.clone(),
                    sandbox_missing: self.missing.clone(),
                    sealed: Some(self.state()),
                })
            }
            "health" => {
                let Health {} = read(body)?;
                answer(&Healthy { status: "sealed".into() })
            }
            "figures.get" => {
                let FiguresGet {} = read(body)?;
                answer(&Figures { sealed: true, ..Figures::default() })
            }
            "seal" => {
                let Seal {} = read(body)?;
                answer(&Done {})
            }
            "unseal" => {
                let Unseal {} = read(body)?;
                answer(&self.begin_anew().await?)
            }
            "unseal.share" => {
                let UnsealShare { share } = read(body)?;
                self.share(&zeroize::Zeroizing::new(share)).await
            }
            _ => Err(refusal()),
        }
    }

    fn state(&self) -> SealState {
        let (given, needed, until) = self.gathering.state();
        SealState { since: self.since, root: self.form, given, needed, until }
    }

    /// The next start reads the file.
    async fn begin_anew(&self) -> Result<Done, Refused> {
        if self.form != RootForm::File {
            let why = "The root is in shares: each custodian runs guichet vault unseal.";
            return Err(Refused::new("share_needed", why));
        }
        unmark(&self.data_dir).map_err(capture::internal)?;
        note(&self.db, self.line().details(json!({ "root": self.form }))).await;
        self.gate.end();
        Ok(Done {})
    }

    fn line(&self) -> Line {
        let now = SystemClock.now();
        Line::new("vault.unsealed", log::installation(), "operator", now, &OsRng)
    }

    async fn share(&mut self, text: &str) -> Outcome {
        if self.form != RootForm::Shares {
            let why = "The root is a file: guichet vault unseal asks for no share.";
            return Err(Refused::new("share_not_needed", why));
        }
        let taken = match self.gathering.give(text, SystemClock.now()) {
            Ok(Taken::More(told)) => return answer(&told),
            Ok(Taken::Whole(whole)) => self.proved(whole).await?,
            Err(error) => Err(error),
        };
        match taken {
            Ok(whole) => {
                let Whole { root, set, indexes, told } = whole;
                let who = json!({ "root": self.form, "check": set.check, "shares": indexes });
                note(&self.db, self.line().details(who)).await;
                self.root = Some(root);
                answer(&told)
            }
            Err(error) => {
                note(&self.db, refused(self.line().purpose(error.code()))).await;
                Err(Refused::new(error.code(), error.to_string()))
            }
        }
    }

    /// The root is this vault's: its keyring opens, or, where there is none yet, it is the one whose
    /// shares were all taken last.
    async fn proved(&self, whole: Whole) -> Result<Result<Whole, ShareError>, Refused> {
        let is_ours = if keyring::is_there(&self.data_dir) {
            keyring::opens(&self.data_dir, &whole.root).map_err(capture::internal)?
        } else {
            let Whole { root, set, .. } = &whole;
            custodians::prove(&self.db, set, root).await.map_err(capture::internal)?
        };
        Ok(if is_ours { Ok(whole) } else { Err(ShareError::SetWrong) })
    }
}
