//! Rollouts, in a cluster that pretends.

mod following;
mod newness;
mod permission;

use super::{
    pretended::{Pretended, busy},
    scene::Scene,
};
use crate::triggers::Progress;
use std::{sync::Arc, time::Duration};
use wharf_db::triggers::deliveries::{self, Delivery};
use wharf_model::ClusterId;

const HOTFIX: &str = "registry.example:5000/team/app:hotfix";

const OLD: &str = "registry.example:5000/team/app:v0";

/// A scene with one trigger that rolls out into the pretended cluster.
async fn make_scene(rollback: bool) -> (Scene, Arc<Pretended>, ClusterId) {
    let scene = Scene::make().await;
    let id = scene.add_cluster().await;
    scene
        .add_trigger("deploy", Scene::workload(id, rollback))
        .await;
    let cluster = Arc::new(Pretended::default());
    *cluster.image.lock().unwrap() = OLD.to_owned();
    cluster.answer(busy());
    pretend(&scene, id, &cluster);
    (scene, cluster, id)
}

fn pretend(scene: &Scene, id: ClusterId, cluster: &Arc<Pretended>) {
    let pretended = &scene.app.triggers.clusters.pretended;
    pretended.lock().insert(id, cluster.clone());
}

async fn progress_of(scene: &Scene, delivery: &Delivery) -> Progress {
    let id = delivery.id;
    let details = scene.write(move |tx| deliveries::find_details(tx, id));
    let (_, progress) = details.await.unwrap();
    Progress::read(&progress.unwrap()).unwrap()
}

/// Does what becomes due within the next seconds.
async fn look_again(scene: &Scene) {
    scene.clock.advance(Duration::from_secs(10));
    scene.step().await;
}

/// Pushes a tag, and does the first attempt at what it set off.
async fn begin(scene: &Scene, tag: &str, digit: char) {
    scene.push(tag, digit, None).await;
    scene.fan_out().await;
    scene.step().await;
}
