/// Has sound judged.
extension EngineSession {
    func judge(_ frames: [Int16], threshold: Double) {
        let verdicts = self.detector.judge(frames, threshold: threshold)
        self.recorder?.write(.judged(verdicts))
        self.perform(self.machine.judged(verdicts))
    }
}
