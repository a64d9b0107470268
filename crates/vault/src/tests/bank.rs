//! A host on loopback that remembers bodies and answers as told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

/// How the host answers the next requests.
#[derive(Clone)]
pub(super) enum Says {
    /// This JSON.
    Json(Value),
    /// A page.
    Html,
    /// This status and text.
    Text(u16, &'static str, String),
    /// Nothing, for longer than anybody waits.
    Silence,
}

#[derive(Clone)]
pub(super) struct Bank {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    raw: Arc<Mutex<Vec<(String, String)>>>,
    says: Arc<Mutex<Says>>,
}

impl Bank {
    pub(super) fn start(runtime: &tokio::runtime::Runtime) -> Self {
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let bank = Self {
            address: listener.local_addr().unwrap(),
            heard: Arc::default(),
            raw: Arc::default(),
            says: Arc::new(Mutex::new(Says::Json(json!({ "outcome": "approved" })))),
        };
        let routes = Router::new().fallback(answer).with_state(bank.clone());
        runtime.spawn(async move { axum::serve(listener, routes).await });
        bank
    }

    pub(super) fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// Content types and bodies as they came.
    pub(super) fn raw(&self) -> Vec<(String, String)> {
        self.raw.lock().unwrap().clone()
    }

    pub(super) fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn answer(
    State(bank): State<Bank>,
    uri: axum::http::Uri,
    headers: axum::http::HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let kind = headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
    let text = String::from_utf8_lossy(&body).into_owned();
    bank.raw.lock().unwrap().push((kind.to_owned(), text));
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    bank.heard.lock().unwrap().push((uri.to_string(), body));
    let says = bank.says.lock().unwrap().clone();
    match says {
        Says::Json(json) => Json(json).into_response(),
        Says::Html => {
            (StatusCode::OK, axum::response::Html("<p>4242424242424242</p>")).into_response()
        }
        Says::Text(status, kind, text) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("content-type", kind)], text).into_response()
        }
        Says::Silence => std::future::pending().await,
    }
}
