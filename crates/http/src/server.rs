//! The server loop: one task per connection, bounded time and size, a graceful end.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Longest time for the head of a request to arrive.
const HEADER_SECONDS: u64 = 10;
/// Longest time for an answer; longer than any bank's time-out.
const ANSWER_SECONDS: u64 = 100;
/// Longest time that running requests get when the server ends.
const DRAIN_SECONDS: u64 = 10;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being answered, for logs and error documents.
#[must_use]
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Serves `routes` until `end` completes, then lets running requests finish.
///
/// # Errors
/// None that is not logged: a connection that fails ends alone.
pub async fn serve(listener: TcpListener, routes: Router, end: impl Future<Output = ()>) {
    let routes =
        routes.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).layer(middleware::from_fn(observe));
    let graceful = GracefulShutdown::new();
    let mut end = std::pin::pin!(end);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let service = service(routes.clone(), peer);
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "connection");
            }
        });
    }
    drop(listener);
    crate::stream::end_all();
    let _ = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown()).await;
}

fn service(
    routes: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    axum::http::Request<hyper::body::Incoming>,
    Response = Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    hyper::service::service_fn(move |request: axum::http::Request<hyper::body::Incoming>| {
        let routes = routes.clone();
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            routes.oneshot(request).await
        }
    })
}

/// Names, times and logs a request without its query: tokens stay out of logs.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = new_request_id();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let answer = REQUEST_ID.scope(id.clone(), next.run(request));
    let limit = Duration::from_secs(ANSWER_SECONDS);
    let mut response = tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        let mut late = Response::new(axum::body::Body::empty());
        *late.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        late
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let micros = started.elapsed().as_micros();
    tracing::debug!(%method, route, status = response.status().as_u16(), micros, id, "request");
    response
}

fn new_request_id() -> String {
    let mut bytes = [0; 16];
    kernel::Rng::fill(&kernel::rng::OsRng, &mut bytes);
    format!("req_{}", kernel::Id::from_bytes(bytes).text())
}
