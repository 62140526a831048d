//! The one thread that talks to the keychain, and waiting for it with a limit.
//!
//! A call into a keychain cannot be ended from outside, so a call that takes too long is left
//! alone and its caller told so. Until the thread is back from it, every further call fails at once
//! instead of waiting in vain. A request whose caller gave up is not carried out any more.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mqttscope_model::{Secret, SecretName};

use super::Limits;
use super::keychain::{Keychain, KeychainFault, Wish, glance, probe};
use crate::error::SecretError;

/// Whether the keychain can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has not answered yet.
    Silent,
    Answers,
    /// It cannot be used, and why.
    Absent(String),
}

/// How it is found out whether the keychain can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// A value is written, read and removed.
    Writing,
    /// A value is asked for that is not there.
    Reading,
}

type Answer = Result<Option<Secret>, KeychainFault>;

struct Request {
    number: u64,
    wish: Wish,
    /// Nobody waits after this.
    until: Instant,
    reply: Sender<Answer>,
}

#[derive(Debug)]
struct State {
    verdict: Verdict,
    /// The number of the last request that was sent.
    sent: u64,
    /// The number of the last request that the thread is done with.
    done: u64,
    /// The number of the last request that nobody waits for any more.
    abandoned: u64,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handle to the thread, which ends when the handle is dropped (and the keychain lets it).
#[derive(Debug)]
pub(super) struct KeychainThread {
    requests: Sender<Request>,
    shared: Arc<Shared>,
    limits: Limits,
    opened: Instant,
}

impl KeychainThread {
    /// Starts the thread, which tries the keychain first, by writing to it or by reading alone.
    pub(super) fn start(keychain: impl Keychain, limits: Limits, trial: Trial) -> io::Result<Self> {
        let state = State { verdict: Verdict::Silent, sent: 0, done: 0, abandoned: 0 };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let (requests, inbox) = mpsc::channel();
        let theirs = Arc::clone(&shared);
        // Not joined: a keychain that never answers must not hold up the end of the application.
        std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || run(keychain, trial, &theirs, &inbox))?;
        Ok(Self { requests, shared, limits, opened: Instant::now() })
    }

    /// Waits for the first answer as long as [`Limits::first_answer`] allows.
    pub(super) fn verdict(&self) -> Verdict {
        let left = self.limits.first_answer.saturating_sub(self.opened.elapsed());
        let is_silent = |state: &mut State| state.verdict == Verdict::Silent;
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), left, is_silent);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.verdict.clone()
    }

    pub(super) fn get(&self, name: &SecretName) -> Result<Option<Secret>, SecretError> {
        self.ask(Wish::Get(name.clone()))
    }

    pub(super) fn set(&self, name: &SecretName, value: &Secret) -> Result<(), SecretError> {
        self.ask(Wish::Set(name.clone(), value.clone())).map(|_| ())
    }

    pub(super) fn remove(&self, name: &SecretName) -> Result<(), SecretError> {
        self.ask(Wish::Remove(name.clone())).map(|_| ())
    }

    fn ask(&self, wish: Wish) -> Result<Option<Secret>, SecretError> {
        let number = {
            let mut state = self.shared.lock();
            if state.abandoned > state.done {
                return Err(SecretError::KeychainSilent);
            }
            state.sent += 1;
            state.sent
        };
        let (reply, answer) = mpsc::channel();
        let until = Instant::now() + self.limits.call;
        let gone = || SecretError::KeychainFailed("its thread has ended".to_owned());
        self.requests.send(Request { number, wish, until, reply }).map_err(|_| gone())?;
        match answer.recv_timeout(self.limits.call) {
            Ok(answer) => answer.map_err(|fault| SecretError::KeychainFailed(fault.to_string())),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
            Err(RecvTimeoutError::Timeout) => {
                let mut state = self.shared.lock();
                state.abandoned = state.abandoned.max(number);
                Err(SecretError::KeychainSilent)
            }
        }
    }
}

fn run(mut keychain: impl Keychain, trial: Trial, shared: &Shared, inbox: &Receiver<Request>) {
    let tried = match trial {
        Trial::Writing => probe(&mut keychain),
        Trial::Reading => glance(&mut keychain),
    };
    let verdict = match tried {
        Ok(()) => Verdict::Answers,
        Err(fault) => Verdict::Absent(fault.to_string()),
    };
    tracing::info!(?verdict, "the keychain was tried");
    shared.lock().verdict = verdict;
    shared.changed.notify_all();
    while let Ok(Request { number, wish, until, reply }) = inbox.recv() {
        if Instant::now() < until {
            // Whoever asked may have given up in the meantime.
            let _ = reply.send(wish.fulfil(&mut keychain));
        }
        let mut state = shared.lock();
        state.done = state.done.max(number);
    }
}
