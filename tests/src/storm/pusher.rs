//! A client that pushes images, moves tags and deletes, and writes down what it was told.

use bytes::Bytes;
use reqwest::Method;
use wharf_testkit::Blob;

use super::{
    Broken, Dice, Mix, Reply, Round, Stop,
    ledger::{Change, Key, Ledger, Noticeboard},
    picture::Recipe,
};

/// Few, so that most pushes move a tag that is there.
const TAGS: u64 = 5;

const OCTETS: &str = "application/octet-stream";

pub(super) struct Pusher {
    pub(super) number: usize,
    pub(super) repository: String,
    pub(super) ledger: Ledger,
    crew: usize,
    mix: Mix,
    dice: Dice,
    next: u64,
}

type Step<T = ()> = Result<T, Stop>;

impl Pusher {
    pub(super) fn new(number: usize, crew: usize, mix: Mix, seed: u64) -> Self {
        Self {
            number,
            repository: name_repository(number),
            ledger: Ledger::default(),
            crew,
            mix,
            dice: Dice::new(seed * 100 + number as u64),
            next: 1,
        }
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.ledger.acknowledged
    }

    /// Tells pullers of every tag that is known to be there.
    pub(super) fn announce(&self, board: &Noticeboard) {
        for (tag, _) in self.ledger.list_tags() {
            board.announce(&self.repository, &tag);
        }
    }

    /// Works until the server is gone or the round is over.
    pub(super) async fn run(mut self, round: Round) -> (Self, Vec<String>) {
        while !round.is_over() && self.ledger.undecided.is_none() {
            match self.step(&round).await {
                Ok(()) => {}
                Err(Stop::Struck) => break,
                Err(Stop::Violation(text)) => return (self, vec![text]),
            }
        }
        (self, Vec::new())
    }

    async fn step(&mut self, round: &Round) -> Step {
        match self.dice.roll(10) {
            0 => self.delete_tag(round).await,
            1 => self.delete_manifest(round).await,
            _ => self.push(round).await,
        }
    }

    async fn push(&mut self, round: &Round) -> Step {
        let recipe = Recipe {
            mix: self.mix,
            pusher: self.number,
            number: self.next,
        };
        self.next += 1;
        let (image, tag) = (recipe.make(), format!("t{}", self.dice.roll(TAGS)));
        let digest = image.digest();
        self.ledger.recipes.insert(digest.clone(), recipe);
        for blob in image.blobs() {
            self.push_blob(round, blob).await?;
        }
        let change = Change(vec![
            (Key::Tag(tag.clone()), Some(digest.clone())),
            (Key::Manifest(digest.clone()), Some(digest)),
        ]);
        let target = format!("/v2/{}/manifests/{tag}", self.repository);
        let manifest = image.manifest;
        let body = Some((manifest.media_type.as_str(), manifest.bytes.clone()));
        let sent = round.wire.send_body(Method::PUT, &target, body).await;
        self.settle(round, sent, 201, change)?;
        round.board.announce(&self.repository, &tag);
        self.ledger.acknowledged += 1;
        Ok(())
    }

    async fn delete_tag(&mut self, round: &Round) -> Step {
        let tags = self.ledger.list_tags();
        if tags.is_empty() {
            return self.push(round).await;
        }
        let (tag, _) = self.dice.pick(&tags).clone();
        round.board.withdraw(&self.repository, &tag);
        let target = format!("/v2/{}/manifests/{tag}", self.repository);
        let sent = round.wire.send(Method::DELETE, &target).await;
        self.settle(round, sent, 202, Change(vec![(Key::Tag(tag), None)]))
    }

    /// The manifest goes with all its tags, or stays with all of them.
    async fn delete_manifest(&mut self, round: &Round) -> Step {
        let tags = self.ledger.list_tags();
        if tags.is_empty() {
            return self.push(round).await;
        }
        let (_, digest) = self.dice.pick(&tags).clone();
        let mut change = Change(vec![(Key::Manifest(digest.clone()), None)]);
        for (tag, _) in tags.into_iter().filter(|(_, named)| *named == digest) {
            round.board.withdraw(&self.repository, &tag);
            change.0.push((Key::Tag(tag), None));
        }
        let target = format!("/v2/{}/manifests/{digest}", self.repository);
        let sent = round.wire.send(Method::DELETE, &target).await;
        self.settle(round, sent, 202, change)
    }

    /// Writes down what became of a change.
    fn settle(
        &mut self,
        round: &Round,
        sent: Result<Reply, Broken>,
        wanted: u16,
        change: Change,
    ) -> Step {
        match judge(round, sent, &[wanted]) {
            Ok(_) => {
                self.ledger.apply(change);
                Ok(())
            }
            Err(stop) => {
                self.ledger.leave_undecided(change);
                Err(stop)
            }
        }
    }

    /// As docker does it: looks first, tries another repository, uploads in one of four ways.
    async fn push_blob(&mut self, round: &Round, blob: &Blob) -> Step {
        let (digest, bytes) = (blob.digest(), blob.bytes.clone());
        let blobs = format!("/v2/{}/blobs", self.repository);
        // Before the first push there is no repository to look into.
        if self.ledger.acknowledged > 0 && self.dice.roll(2) == 0 {
            let target = format!("{blobs}/{digest}");
            let looked = round.wire.send(Method::HEAD, &target).await;
            if judge(round, looked, &[200, 404])?.status == 200 {
                return Ok(());
            }
        }
        let way = self.dice.roll(5);
        let start = match way {
            0 => format!("{blobs}/uploads/?digest={digest}"),
            1 => {
                let other = name_repository(self.dice.roll(self.crew as u64) as usize);
                format!("{blobs}/uploads/?mount={digest}&from={other}")
            }
            _ => format!("{blobs}/uploads/"),
        };
        let body = if way == 0 {
            bytes.clone()
        } else {
            Bytes::new()
        };
        let begun = self
            .send(round, Method::POST, &start, body, &[201, 202])
            .await?;
        if begun.status == 202 {
            let put = match way {
                2 => {
                    self.patch(round, &begun, bytes.slice(..0), bytes.clone())
                        .await?
                }
                3 => {
                    let half = bytes.len() / 2;
                    let (first, second) = (bytes.slice(..half), bytes.slice(half..));
                    self.patch(round, &begun, first, second).await?
                }
                _ => (find_location(&begun)?, bytes.clone()),
            };
            let target = add_digest(&put.0, &digest);
            self.send(round, Method::PUT, &target, put.1, &[201])
                .await?;
        }
        self.ledger.blobs.insert(digest, bytes.len());
        Ok(())
    }

    /// Sends `first` (unless it is empty) and `second` as chunks, or leaves half of the cases' last chunk to the PUT.
    async fn patch(
        &mut self,
        round: &Round,
        begun: &Reply,
        first: Bytes,
        second: Bytes,
    ) -> Step<(String, Bytes)> {
        let mut location = find_location(begun)?;
        if !first.is_empty() {
            let patched = self.send(round, Method::PATCH, &location, first, &[202]);
            location = find_location(&patched.await?)?;
            if self.dice.roll(2) == 0 {
                return Ok((location, second));
            }
        }
        let patched = self.send(round, Method::PATCH, &location, second, &[202]);
        Ok((find_location(&patched.await?)?, Bytes::new()))
    }

    async fn send(
        &self,
        round: &Round,
        method: Method,
        target: &str,
        body: Bytes,
        wanted: &[u16],
    ) -> Step<Reply> {
        let sent = round.wire.send_body(method, target, Some((OCTETS, body)));
        judge(round, sent.await, wanted)
    }
}

fn name_repository(number: usize) -> String {
    format!("storm-{number}/app")
}

fn find_location(reply: &Reply) -> Step<String> {
    let location = reply.find_header("location").map(str::to_owned);
    location.ok_or_else(|| Stop::Violation(format!("no Location: {}", reply.describe())))
}

fn add_digest(location: &str, digest: &str) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}digest={digest}")
}

/// A success is a success even after the strike, as long as somebody can hear it.
fn judge(round: &Round, sent: Result<Reply, Broken>, wanted: &[u16]) -> Step<Reply> {
    round.count_answer();
    // A blob or upload that a failing disk lost has to be unknown from then on, to this client too.
    let forgotten = |reply: &Reply| reply.status == 404 && round.is_failing();
    if round.excuses(&sent) {
        return Err(Stop::Struck);
    }
    match sent {
        Ok(reply) if wanted.contains(&reply.status) => Ok(reply),
        Ok(reply) if forgotten(&reply) => Err(Stop::Struck),
        Ok(reply) => Err(Stop::Violation(format!(
            "expected {wanted:?}, got {}",
            reply.describe()
        ))),
        Err(Broken(text)) => Err(Stop::Violation(format!("no answer: {text}"))),
    }
}
