//! The pages of the vault's origin: what they load and why, with which headers, and whether the
//! files are served as they were built in.

use http::assets::{Asset, STYLE};
use vault_wire::{PageFile, PageKind, Pages};

use crate::core::Core;
use crate::edge::{CARD_SCRIPT, Heard};

/// Headers that keep a page's own content its own.
const TOLD: [&str; 8] = [
    "content-security-policy",
    "cache-control",
    "referrer-policy",
    "x-content-type-options",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "x-frame-options",
    "strict-transport-security",
];

/// An address of each kind of page, and what it is for; a wrong secret has the same headers.
const KINDS: [(&str, &str); 4] = [
    ("/v/c/x", "a guest types a card"),
    ("/v/p/x", "a person chooses a PIN; no script"),
    ("/v/r/x", "a person sees a card; no script"),
    ("/v1/cards/x", "programs add and look at cards"),
];

impl Core {
    /// The pages, as they are served at this moment.
    pub(crate) async fn pages(&self) -> Result<Pages, String> {
        let mut pages = Vec::new();
        for (path, purpose) in KINDS {
            let heard = self.heard(path).await?;
            let header = |name: &&str| {
                let value = heard.header(name);
                (!value.is_empty()).then(|| ((*name).to_owned(), value.to_owned()))
            };
            let headers = TOLD.iter().filter_map(header).collect();
            pages.push(PageKind { path: path.into(), r#for: purpose.into(), headers });
        }
        let mut files = Vec::new();
        for (asset, reason) in [
            (&*CARD_SCRIPT, "groups digits and checks the card form while it is typed"),
            (&*STYLE, "the look of all pages"),
        ] {
            files.push(self.file(asset, reason).await?);
        }
        Ok(Pages { pages, files })
    }

    /// Once a day: a file that is not served as it was built in is an alarm.
    pub(crate) async fn compare_pages(&self) {
        match self.pages().await {
            Ok(pages) => {
                for file in pages.files.iter().filter(|file| !file.served) {
                    let path = &file.path;
                    tracing::error!(path, "ALARM: a file is not served as it was built in");
                }
            }
            Err(error) => tracing::error!(error, "the pages could not be compared"),
        }
    }

    async fn heard(&self, path: &str) -> Result<Heard, String> {
        let door = self.drills.door().ok_or("the vault is not open yet")?;
        let heard = door.ask(&format!("GET {path}"), &[], "").await;
        heard.map_err(|error| error.to_string())
    }

    async fn file(&self, asset: &'static Asset, reason: &str) -> Result<PageFile, String> {
        let heard = self.heard(&asset.path).await?;
        Ok(PageFile {
            path: asset.path.clone(),
            reason: reason.into(),
            integrity: asset.integrity.clone(),
            served: asset.is(heard.body.as_bytes()),
        })
    }
}
