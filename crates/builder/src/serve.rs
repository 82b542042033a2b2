//! A web server for one's own machine, to look at a site before it goes to a real host.
//!
//! It does what a good static host does: right types, ranges, `HEAD`, `index.html` of folders, `404.html`, validators.
//! Every answer says `no-cache`: a browser asks again each time, and an unchanged file is answered without a body, so a
//! rebuilt archive is seen at once. It never compresses, since ranges of compressed files mean something else.

use std::future::{Future, IntoFuture, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::Error;

/// The first port that is tried if none is asked for.
const FIRST_PORT: u16 = 8000;
/// Ports that are tried.
const PORTS: u16 = 20;

/// A folder and a port to serve it on.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes a port: the one that is asked for (0 for any that is free), or the first free one from 8000 on.
    ///
    /// # Errors
    /// If the port is taken or may not be used.
    pub fn bind(folder: &Path, host: IpAddr, port: Option<u16>) -> Result<Self, Error> {
        let folder = folder.to_owned();
        let listener = match port {
            Some(port) => listen(host, port),
            None => listen_anywhere(host),
        };
        let (listener, address) = listener?;
        Ok(Self {
            folder,
            listener,
            address,
        })
    }

    /// Where it can be reached.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done. Answers under way are broken off: a browser that holds a connection, or that takes a
    /// large file slowly, would otherwise hold the program.
    ///
    /// # Errors
    /// If the system does not let it.
    pub fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let address = self.address;
        self.serve(stop)
            .map_err(|source| Error::Listen { address, source })
    }

    fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build()?;
        self.listener.set_nonblocking(true)?;
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let stop = pin!(stop);
            let serving = pin!(axum::serve(listener, routes(&self.folder)).into_future());
            first(serving, stop).await.unwrap_or(Ok(()))
        });
        runtime.shutdown_background();
        served
    }
}

/// What `work` comes to, or nothing if `stop` is done before.
async fn first<T>(
    mut work: Pin<&mut impl Future<Output = T>>,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Option<T> {
    poll_fn(|context| match stop.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => work.as_mut().poll(context).map(Some),
    })
    .await
}

fn listen(host: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let address = SocketAddr::new(host, port);
    let bound = TcpListener::bind(address);
    let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|source| Error::Listen { address, source })?;
    Ok((listener, address))
}

fn listen_anywhere(host: IpAddr) -> Result<(TcpListener, SocketAddr), Error> {
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        match listen(host, port) {
            Err(Error::Listen { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {}
            other => return other,
        }
    }
    listen(host, 0)
}

fn routes(folder: &Path) -> Router {
    let not_found = ServeFile::new(folder.join("404.html"));
    let files = ServeDir::new(folder).not_found_service(not_found);
    let routes = Router::new().fallback_service(files);
    routes.layer(middleware::from_fn(adjust))
}

async fn adjust(mut request: Request, next: Next) -> Response {
    // Several ranges at once may be answered with the whole, and nothing here asks for them.
    let several = |range: &HeaderValue| range.as_bytes().contains(&b',');
    if request.headers().get(RANGE).is_some_and(several) {
        request.headers_mut().remove(RANGE);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    name_encoding(headers);
    response
}

/// All text that Backfile writes is UTF-8, and a browser would guess otherwise.
fn name_encoding(headers: &mut HeaderMap) {
    let Some(its) = headers.get(CONTENT_TYPE).and_then(|its| its.to_str().ok()) else {
        return;
    };
    let is_text = its.starts_with("text/")
        || ["/json", "/javascript", "xml"]
            .iter()
            .any(|end| its.ends_with(end));
    if is_text
        && !its.contains("charset")
        && let Ok(its) = HeaderValue::from_str(&format!("{its}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, its);
    }
}
